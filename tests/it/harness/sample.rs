//! The demo's sample application, as one of Acme's own.

use doorward::delivery::Shelf;
use doorward::demo::sample;
use doorward::domain::oauth::{Application, RedirectUri};
use doorward::storage::applications;
use tokio::net::TcpListener;

use super::cast::SECRET;
use super::{House, client_of};

/// Starts it, for whoever signs in at this issuer; says where it is.
pub(crate) async fn sample_application(house: &House, issuer: String) -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let application = Application {
        redirect_uris: vec![RedirectUri::register(&format!("{base_url}/callback")).unwrap()],
        ..client_of(house.acme.id, "Acme Chain", &house.instance)
    };
    let (client_id, now) = (application.id.to_string(), house.clock.now());
    house
        .write(move |tx| {
            let application = application.clone();
            Box::pin(async move { applications::insert(tx, &application, now).await })
        })
        .await;
    let settings = sample::Settings {
        issuer,
        client_id,
        client_secret: SECRET.to_owned(),
        base_url: base_url.clone(),
        shelf: Shelf::default(),
    };
    tokio::spawn(sample::serve(listener, settings, std::future::pending()));
    base_url
}
