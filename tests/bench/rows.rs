//! What is measured on each database, in which order, and which figure it is held against.

use std::time::Duration;

use crate::bench::{Bench, Held, Scripts, fixed, same};
use crate::client::{Connection, get};
use crate::load::{self, Measured, Script};
use crate::machine;
use crate::process::Server;
use crate::scripts::{Authorize, Refresh, SignIn, arrive, client_credentials};
use crate::seed::{Engine, PEOPLE, Place};
use crate::table::millis;

impl Bench {
    /// Everything on one database.
    pub(crate) async fn measure(&mut self, engine: Engine) {
        if self.wants_only("lists") {
            return;
        }
        let place = Place::new(engine).await;
        self.cold_start("cold start, new", &place, Duration::from_secs(1))
            .await;
        let client = place.fill().await;
        self.cold_start("cold start, existing", &place, Duration::from_millis(50))
            .await;

        let server = Server::doorward(&place, machine::SERVING).await;
        self.memory("memory, idle", engine, &server, 30.0);
        if engine == Engine::Sqlite {
            self.documents(&server).await;
        }
        let mut people = Vec::new();
        for person in 0..PEOPLE {
            people.push(arrive(server.address, person, &client).await);
        }
        self.reads(engine, &server, &people).await;
        self.tokens(engine, &server, &people, &client).await;
        self.sign_ins(engine, &server).await;
        server.stop();

        if self.wants("refresh") || self.wants("revocation") {
            let server = Server::doorward(&place, machine::BOTH).await;
            self.refreshes(engine, &server, &people).await;
            self.revocations(engine, &server, &client).await;
            server.stop();
        }
        self.sealing(engine, &place, &client).await;
    }

    async fn cold_start(&mut self, work: &'static str, place: &Place, most: Duration) {
        if !self.wants(work) {
            return;
        }
        let server = Server::doorward(place, machine::SERVING).await;
        let took = server.started_in;
        let held = Held::to(&format!("< {}", millis(most)), took < most);
        self.tell(work, place.engine.name(), millis(took), held);
        server.stop();
    }

    fn memory(&mut self, work: &'static str, engine: Engine, server: &Server, most: f64) {
        if self.wants(work) {
            let megabytes = machine::memory(server.pid());
            let held = Held::to(&format!("< {most} MB"), megabytes < most);
            self.tell(work, engine.name(), format!("{megabytes:.0} MB"), held);
        }
    }

    async fn documents(&mut self, server: &Server) {
        for (work, path) in [
            ("discovery", "/.well-known/openid-configuration"),
            ("JWKS", "/oauth2/jwks"),
        ] {
            let scripts = |connections| same(&get(path, ""), connections);
            self.each(server, work, "–", scripts, hello(0.9)).await;
        }
    }

    async fn reads(&mut self, engine: Engine, server: &Server, people: &[Authorize]) {
        let asks = |ask: fn(&Authorize) -> Vec<u8>, holds: &'static str| {
            move |connections: usize| -> Scripts {
                let people = people[..connections].iter();
                people.map(|person| fixed(&ask(person).into(), holds)).collect()
            }
        };
        let name = engine.name();
        let scripts = asks(Authorize::userinfo, "\"sub\":");
        self.each(server, "userinfo", name, &scripts, hello(0.4)).await;
        if self.wants("memory, 64 connections") {
            load::run(server, scripts(64)).await;
            self.memory("memory, 64 connections", engine, server, 60.0);
        }
        let scripts = asks(Authorize::introspect, "\"active\":true");
        self.each(server, "introspection", name, scripts, hello(0.4))
            .await;
    }

    async fn tokens(&mut self, engine: Engine, server: &Server, people: &[Authorize], client: &str) {
        let scripts = |connections| -> Scripts {
            let request = client_credentials(client).into();
            (0..connections)
                .map(|_| fixed(&request, "\"access_token\":"))
                .collect()
        };
        self.each(
            server,
            "client credentials",
            engine.name(),
            scripts,
            Bench::against_signing,
        )
        .await;
        let scripts = |connections: usize| all(people[..connections].iter().cloned());
        self.each(server, "code and tokens", engine.name(), scripts, |_, _, _| {
            Held::free()
        })
        .await;
    }

    async fn sign_ins(&mut self, engine: Engine, server: &Server) {
        let held = |bench: &Self, _, measured: &Measured| {
            let ratio = measured.rate / bench.primitives.argon2id;
            Held {
                ratio: Some(ratio),
                figure: "≥ 85% of Argon2id".to_owned(),
                met: Some(ratio >= 0.85),
            }
        };
        let scripts = |connections| all((0..connections).map(SignIn::of));
        self.each(server, "password sign-in", engine.name(), scripts, held)
            .await;
    }

    async fn refreshes(&mut self, engine: Engine, server: &Server, people: &[Authorize]) {
        let mut arrived = Vec::new();
        for (number, person) in people.iter().enumerate() {
            arrived.push(arrive(server.address, number, person.client()).await);
        }
        let held = |_: &Self, connections, measured: &Measured| {
            if connections < 64 {
                return Held::free();
            }
            let met = measured.rate >= 3500.0 && measured.p99 <= Duration::from_millis(50);
            Held::to("≥ 3,500/s, p99 ≤ 50 ms", met)
        };
        // The second run goes on with those whom the first left alone, and with the first's all over again.
        let scripts = |connections: usize| {
            let from = PEOPLE - connections;
            let fresh = if connections == PEOPLE { people } else { &arrived };
            all(fresh[from..].iter().map(Refresh::of))
        };
        self.each(server, "refresh, two cores", engine.name(), scripts, held)
            .await;
    }

    /// Whoever was let in after the answer that ended their tokens.
    async fn revocations(&mut self, engine: Engine, server: &Server, client: &str) {
        let work = "revocation";
        if !self.wants(work) {
            return;
        }
        let mut let_in = 0;
        for number in 0..PEOPLE {
            let person = arrive(server.address, number, client).await;
            let mut connection = Connection::open(server.address).await.unwrap();
            for (request, status) in [(person.userinfo(), 200), (person.revoke(), 200)] {
                let answer = connection.exchange(&request).await.unwrap();
                assert_eq!(answer.status, status, "{}", answer.told());
            }
            let mut other = Connection::open(server.address).await.unwrap();
            let answer = other.exchange(&person.userinfo()).await.unwrap();
            let_in += usize::from(answer.status != 401);
        }
        let told = format!("{let_in} of {PEOPLE} let in");
        self.tell(
            work,
            engine.name(),
            told,
            Held::to("refused at once", let_in == 0),
        );
    }
}

fn hello(share: f64) -> impl Fn(&Bench, usize, &Measured) -> Held {
    move |bench, connections, measured| bench.against_hello(share, connections, measured)
}

fn all<S: Script + 'static>(scripts: impl Iterator<Item = S>) -> Scripts {
    scripts
        .map(|script| Box::new(script) as Box<dyn Script>)
        .collect()
}
