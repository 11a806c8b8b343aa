//! Another node of a house: on the same database, at the same clock, behind the same address as far as anybody is told.

use doorward::app::Instance;
use doorward::http;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::House;
use super::house::until_dropped;

/// A running node. It stops when dropped.
pub(crate) struct Node {
    /// Where it is by itself: `http://127.0.0.1:…`.
    pub(crate) url: String,
    _instance: Instance,
    _stop: oneshot::Sender<()>,
}

impl House {
    /// Starts another node; there is none where the database is a folder, which one process has.
    pub(crate) async fn another_node(&self) -> Option<Node> {
        self.config.storage.database_url.as_ref()?;
        let instance = Instance::open(self.storage(), self.clock.clone()).await.unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let state = instance.state(self.config.clone()).unwrap();
        Some(Node {
            url,
            _instance: instance,
            _stop: until_dropped(|stop| http::serve(listener, state, stop)),
        })
    }
}
