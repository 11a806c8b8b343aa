//! What is refused before anybody is asked, and what is made of servers that mean no good.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

/// Asks where names are what the story says, and only `127.0.0.1` is allowed.
fn outbound(names: &'static [(&'static str, &'static str)]) -> Outbound {
    let lookup: Lookup = Arc::new(move |name| {
        let found = names.iter().filter(|(known, _)| *known == name);
        let addresses = found.map(|(_, address)| address.parse().unwrap()).collect();
        Box::pin(async move { Ok(addresses) })
    });
    Outbound::with(&here(), lookup, Duration::from_millis(500))
}

fn here() -> OutboundConfig {
    OutboundConfig {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
    }
}

/// A server that says one thing to everybody, and then nothing.
async fn server(says: &'static str) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://127.0.0.1:{}/", listener.local_addr().unwrap().port());
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    tokio::spawn(async move {
        let mut open = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let _read = stream.read(&mut [0; 1024]).await;
            let _written = stream.write_all(says.as_bytes()).await;
            open.push(stream);
        }
    });
    (url.parse().unwrap(), asked)
}

async fn refused(outbound: &Outbound, url: &str) -> OutboundError {
    outbound.get(&url.parse().unwrap(), 100).await.unwrap_err()
}

#[tokio::test]
async fn ss1_networks_of_ours_are_not_asked_however_they_are_written() {
    let outbound = outbound(&[
        ("localhost", "127.0.0.2"),
        ("localhost.", "127.0.0.2"),
        ("intranet.example", "10.0.0.1"),
        ("two.example", "1.1.1.1"),
        ("two.example", "169.254.169.254"),
        ("mapped.example", "::ffff:10.0.0.1"),
        ("six.example", "fd00::1"),
    ]);
    for host in [
        "127.0.0.2",
        "127.2",
        "2130706434",
        "0x7f000002",
        "0177.0.0.2",
        "0",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.2]",
        "[::ffff:7f00:2]",
        "[fd00::1]",
        "[fe80::1]",
        "169.254.169.254",
        "10.0.0.1",
        "192.168.1.1",
        "172.16.0.1",
        "localhost",
        "localhost.",
        "LOCALHOST",
        "intranet.example",
        "two.example",
        "mapped.example",
        "six.example",
    ] {
        for scheme in ["https", "http"] {
            let url = format!("{scheme}://{host}/");
            assert_eq!(refused(&outbound, &url).await, OutboundError::NotPublic, "{url}");
        }
    }
}

#[tokio::test]
async fn ss1_what_is_no_https_is_asked_only_where_it_is_allowed() {
    let outbound = outbound(&[("public.example", "1.1.1.1")]);
    for url in ["http://1.1.1.1/", "http://public.example/"] {
        assert_eq!(refused(&outbound, url).await, OutboundError::NotPublic, "{url}");
    }
    for url in [
        "gopher://public.example/",
        "file:///etc/passwd",
        "ftp://public.example/",
        "data:,x",
        "https://user@public.example/",
        "https://:password@public.example/",
    ] {
        assert_eq!(refused(&outbound, url).await, OutboundError::BadAddress, "{url}");
    }
    let unknown = OutboundError::Unknown("nowhere.example".to_owned());
    assert_eq!(refused(&outbound, "https://nowhere.example/").await, unknown);
}

#[tokio::test]
async fn ss1_a_name_is_looked_up_once_and_the_connection_goes_there() {
    let (url, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi").await;
    let lookups = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&lookups);
    let lookup: Lookup = Arc::new(move |_| {
        // The second answer is another: a name that re-binds.
        let address = match counter.fetch_add(1, Ordering::SeqCst) {
            0 => [127, 0, 0, 1],
            _ => [127, 0, 0, 2],
        };
        Box::pin(async move { Ok(vec![IpAddr::from(address)]) })
    });
    let outbound = Outbound::with(&here(), lookup, Duration::from_millis(500));
    let named = format!("http://rebinds.example:{}/", url.port().unwrap());
    let named: Url = named.parse().unwrap();
    assert_eq!(outbound.get(&named, 100).await.unwrap(), b"hi");
    assert_eq!(
        (lookups.load(Ordering::SeqCst), asked.load(Ordering::SeqCst)),
        (1, 1)
    );
    assert_eq!(outbound.get(&named, 100).await, Err(OutboundError::NotPublic));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn ss1_a_redirect_is_an_answer_and_not_followed() {
    let (elsewhere, asked) = server("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let redirect = format!("HTTP/1.1 302 Found\r\nlocation: {elsewhere}\r\ncontent-length: 0\r\n\r\n");
    let (url, _) = server(redirect.leak()).await;
    let outbound = outbound(&[]);
    assert_eq!(outbound.get(&url, 100).await, Err(OutboundError::Status(302)));
    assert_eq!(asked.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn up6_no_more_is_read_than_was_to_be() {
    let outbound = outbound(&[]);
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 10000000000\r\n\r\n12345678901",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nb\r\n12345678901\r\n",
    ] {
        let (url, _) = server(answer).await;
        assert_eq!(outbound.get(&url, 10).await, Err(OutboundError::TooLarge(10)));
    }
    let (url, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n1234567890").await;
    assert_eq!(outbound.get(&url, 10).await.unwrap(), b"1234567890");
}

#[tokio::test]
async fn f10_whoever_dawdles_is_not_waited_for() {
    let (url, _) = server("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n123").await;
    assert_eq!(outbound(&[]).get(&url, 10).await, Err(OutboundError::TooSlow));
}

#[tokio::test]
async fn f10_one_slow_server_leaves_room_for_others() {
    let outbound = outbound(&[]);
    let shared = &outbound.0;
    let turns: Vec<_> = (0..MOST_PER_SERVER)
        .map(|_| Turn::take(shared, "slow".to_owned()).unwrap())
        .collect();
    assert!(Turn::take(shared, "slow".to_owned()).is_err());
    assert!(Turn::take(shared, "quick".to_owned()).is_ok());
    drop(turns);
    assert!(Turn::take(shared, "slow".to_owned()).is_ok());
    assert!(shared.under_way().is_empty());
}

#[tokio::test]
async fn what_went_wrong_is_told_without_the_address() {
    let (url, _) = server("nonsense").await;
    let url = url.join("/?token=sesame").unwrap();
    let told = outbound(&[]).get(&url, 10).await.unwrap_err().to_string();
    assert!(
        told.starts_with("the connection failed") && !told.contains("sesame"),
        "{told}"
    );
}
