//! The DNS of the world that a house is in: a server on this machine that knows what a story wrote, and can fall silent.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use hickory_resolver::proto::op::{Message, OpCode, ResponseCode};
use hickory_resolver::proto::rr::rdata::TXT;
use hickory_resolver::proto::rr::{RData, Record};
use tokio::net::UdpSocket;
use tokio::task::JoinHandle;

/// A running server. It stops when dropped.
pub(crate) struct Zone {
    pub(crate) address: SocketAddr,
    known: Arc<Mutex<Known>>,
    server: JoinHandle<()>,
}

#[derive(Default)]
struct Known {
    texts: BTreeMap<String, Vec<String>>,
    fails: bool,
}

impl Zone {
    /// Starts one that knows nothing.
    pub(crate) async fn start() -> Self {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        let known = Arc::<Mutex<Known>>::default();
        let asked = Arc::clone(&known);
        let server = tokio::spawn(async move {
            let mut buffer = [0; 4096];
            loop {
                let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
                let answer = answer(&buffer[..length], &asked.lock().unwrap());
                socket.send_to(&answer, from).await.unwrap();
            }
        });
        Self {
            address,
            known,
            server,
        }
    }

    /// Writes the text records of a name, in place of those it had.
    pub(crate) fn write(&self, name: &str, texts: &[&str]) {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        self.known.lock().unwrap().texts.insert(format!("{name}."), texts);
    }

    /// Whether it only says that it can't say.
    pub(crate) fn fails(&self, fails: bool) {
        self.known.lock().unwrap().fails = fails;
    }
}

impl Drop for Zone {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn answer(asked: &[u8], known: &Known) -> Vec<u8> {
    let asked = Message::from_vec(asked).unwrap();
    let query = asked.queries[0].clone();
    let mut answer = Message::response(asked.metadata.id, OpCode::Query);
    answer.metadata.recursion_available = true;
    answer.add_query(query.clone());
    let name = query.name().to_ascii().to_lowercase();
    match known.texts.get(&name) {
        _ if known.fails => answer.metadata.response_code = ResponseCode::ServFail,
        None => answer.metadata.response_code = ResponseCode::NXDomain,
        Some(texts) => {
            for text in texts {
                // As long texts are: in parts of 255 bytes at most.
                let (first, second) = text.split_at(text.len() / 2);
                let parts = TXT::new(vec![first.to_owned(), second.to_owned()]);
                answer.add_answer(Record::from_rdata(query.name().clone(), 300, RData::TXT(parts)));
            }
        }
    }
    answer.to_vec().unwrap()
}
