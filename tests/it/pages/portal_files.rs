//! A provider's metadata as a file, as browsers send one (RFC 7578), and as others might. P6, SE4.

use doorward::domain::access::BuiltInRole;
use reqwest::StatusCode;
use serde_json::json;

use super::html::text;
use super::portal::{CONNECTIONS, connection, link};
use crate::api::connections::{certificate, metadata};
use crate::harness::{Answer, House, Member, Visitor, on_both};

const IDP: &str = "https://idp.acme.example";
const BOUNDARY: &str = "----a-boundary-of-this-test";

/// A part of a form: its name, the name of its file if it is one, and what is in it.
type Part<'p> = (&'p str, Option<&'p str>, &'p [u8]);

fn body(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        let file = file.map_or(String::new(), |file| format!("; filename=\"{file}\""));
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Somebody at the set-up page of a link.
struct Setting {
    visitor: Visitor,
    olga: Member,
    path: String,
    csrf: String,
}

impl Setting {
    async fn at(house: &House) -> Self {
        let olga = house.employ("olga", BuiltInRole::Owner).await;
        let path = link(house, &olga.api).await;
        let visitor = house.visitor();
        let page = visitor.get(&format!("{path}/set-up?guide=other-saml")).await;
        assert!(page.body.contains("enctype=\"multipart/form-data\""));
        Self {
            visitor,
            olga,
            path,
            csrf: page.field("csrf"),
        }
    }

    /// Sends these parts after the form's own.
    async fn sends(&self, parts: &[Part<'_>]) -> Answer {
        let own: [Part<'_>; 2] = [
            ("csrf", None, self.csrf.as_bytes()),
            ("guide", None, b"other-saml"),
        ];
        self.sends_only(&[&own, parts].concat()).await
    }

    async fn sends_only(&self, parts: &[Part<'_>]) -> Answer {
        let request = self.visitor.request("POST", &format!("{}/set-up", self.path));
        let kind = format!("multipart/form-data; boundary={BOUNDARY}");
        Answer::of(request.header("content-type", kind).body(body(parts))).await
    }

    async fn nothing_was_made(&self) {
        let found = self.olga.api.get(CONNECTIONS).await.found();
        assert_eq!(found["data"], json!([]));
    }
}

on_both! {
    async fn p6_metadata_is_taken_from_a_file(house) {
        let setting = Setting::at(&house).await;
        let xml = metadata(IDP, &[&certificate()], None);
        // Some editors write a byte order mark before it.
        let file = [b"\xEF\xBB\xBF", xml.as_bytes()].concat();
        let url = b"https://idp.acme.example/metadata";
        let parts: [Part<'_>; 3] = [
            ("metadata_url", None, url), ("metadata_file", Some("idp.xml"), &file), ("metadata_xml", None, b" "),
        ];
        let answer = setting.sends(&parts).await;
        assert_eq!(answer.location(), format!("{}/check", setting.path), "{answer:?}");
        let made = connection(&setting.olga.api).await;
        assert_eq!((&made["entity_id"], &made["metadata_url"]), (&json!(IDP), &json!("https://idp.acme.example/metadata")));
    }

    async fn a_form_without_a_file_is_read_as_before(house) {
        let setting = Setting::at(&house).await;
        let none = setting.sends(&[("metadata_file", Some(""), b""), ("metadata_xml", None, b"")]).await;
        assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(text(&none.body).contains("choose its file"), "{}", text(&none.body));
        let xml = metadata(IDP, &[&certificate()], None);
        let parts: [Part<'_>; 2] = [("metadata_file", Some(""), b""), ("metadata_xml", None, xml.as_bytes())];
        assert!(setting.sends(&parts).await.status.is_redirection());
        assert_eq!(connection(&setting.olga.api).await["entity_id"], IDP);
    }

    async fn a_file_that_is_no_metadata_is_refused_in_words(house) {
        let setting = Setting::at(&house).await;
        for (file, told) in [
            (&b"\x89PNG\r\n\x1a\n\0"[..], "the document"),
            (&b"\xFF\xFE<\0x\0"[..], "the document is not UTF-8"),
            (&b"<hello/>"[..], "another message"),
        ] {
            let answer = setting.sends(&[("metadata_file", Some("x.xml"), file)]).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{answer:?}");
            assert!(text(&answer.body).contains(told), "{}", text(&answer.body));
        }
        setting.nothing_was_made().await;
    }

    async fn do3_forms_in_parts_are_bounded_and_say_each_thing_once(house) {
        let setting = Setting::at(&house).await;
        let xml = metadata(IDP, &[&certificate()], None);
        let file: Part<'_> = ("metadata_file", Some("idp.xml"), xml.as_bytes());
        for parts in [vec![file, file], vec![file, ("guide", None, b"okta-saml")], vec![file, ("csrf", None, b"x")]] {
            let answer = setting.sends(&parts).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
        }
        let names: Vec<_> = (0..30).map(|number| format!("field{number}")).collect();
        let many: Vec<Part<'_>> = names.iter().map(|name| (name.as_str(), None, &b"x"[..])).collect();
        assert_eq!(setting.sends(&many).await.status, StatusCode::BAD_REQUEST);
        let huge = vec![b' '; 600 * 1024];
        let answer = setting.sends(&[("metadata_file", Some("idp.xml"), &huge)]).await;
        assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
        let request = setting.visitor.request("POST", &format!("{}/set-up", setting.path));
        let unbounded = request.header("content-type", "multipart/form-data").body("x");
        assert_eq!(Answer::of(unbounded).await.status, StatusCode::BAD_REQUEST);
        let cut = request_cut_short(&setting, file).await;
        assert_eq!(cut.status, StatusCode::BAD_REQUEST);
        setting.nothing_was_made().await;
    }

    async fn se4_a_file_without_the_forms_token_sets_nothing_up(house) {
        let setting = Setting::at(&house).await;
        let xml = metadata(IDP, &[&certificate()], None);
        let file: Part<'_> = ("metadata_file", Some("idp.xml"), xml.as_bytes());
        for parts in [
            vec![("guide", None, &b"other-saml"[..]), file],
            vec![("csrf", None, b"guess"), ("guide", None, b"other-saml"), file],
            vec![("csrf", Some("csrf"), setting.csrf.as_bytes()), ("guide", None, b"other-saml")],
        ] {
            assert_eq!(setting.sends_only(&parts).await.status, StatusCode::FORBIDDEN);
        }
        setting.nothing_was_made().await;
    }
}

async fn request_cut_short(setting: &Setting, file: Part<'_>) -> Answer {
    let whole = body(&[("csrf", None, setting.csrf.as_bytes()), file]);
    let request = setting
        .visitor
        .request("POST", &format!("{}/set-up", setting.path));
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    Answer::of(
        request
            .header("content-type", kind)
            .body(whole[..whole.len() - 20].to_vec()),
    )
    .await
}
