//! Registering how an application speaks SAML: what is taken, from what, and by whom.

use doorward::domain::access::BuiltInRole;
use serde_json::json;

use super::{ACS, ENTITY, Wiki};
use crate::harness::on_both;
use crate::saml::judge::{OURS, PROVIDER};

fn certificate(pair: &crate::saml::judge::Pair) -> String {
    std::fs::read_to_string(pair.certificate_file()).unwrap()
}

on_both! {
    async fn what_was_registered_is_shown_with_what_the_application_needs_to_know(wiki: Wiki) {
        let shown = wiki.alice.get(&wiki.address()).await.found();
        assert_eq!((&shown["entity_id"], &shown["acs_urls"][0]), (&json!(ENTITY), &json!(ACS)));
        assert_eq!((&shown["sign_assertion"], &shown["sign_response"]), (&json!(true), &json!(true)));
        assert_eq!((&shown["signature_algorithm"], &shown["encrypt_assertions"]), (&json!("RSA-SHA256"), &json!(false)));
        assert_eq!(shown["name_id_formats"], json!(["persistent", "email"]));
        assert_eq!(shown["attributes"][0], json!({ "name": "email", "value": "email" }));
        let us = &shown["identity_provider"];
        assert_eq!(us["sso_url"], json!(wiki.sso()));
        let metadata = wiki.metadata().await;
        assert!(metadata.contains(&format!("entityID=\"{}\"", us["entity_id"].as_str().unwrap())), "{metadata}");
        assert!(metadata.contains(&wiki.sso()), "{metadata}");
    }

    async fn what_makes_no_sense_is_told_at_its_field(wiki: Wiki) {
        let good = json!({ "entity_id": ENTITY, "acs_urls": [ACS] });
        for (field, value, pointer) in [
            ("entity_id", json!(""), "/entity_id"),
            ("acs_urls", json!([]), "/acs_urls"),
            ("acs_urls", json!(["http://wiki.acme.example/acs"]), "/acs_urls/0"),
            ("acs_urls", json!([ACS, "javascript:alert(1)"]), "/acs_urls/1"),
            ("certificates", json!(["no certificate"]), "/certificates/0"),
            ("require_signed_requests", json!(true), "/require_signed_requests"),
            ("encrypt_assertions", json!(true), "/encryption_certificate"),
            ("name_id_formats", json!([]), "/name_id_formats"),
            ("name_id_formats", json!(["email", "email"]), "/name_id_formats"),
            ("slo_url", json!("https://wiki.acme.example/slo"), "/slo_url"),
            ("attributes", json!([{ "name": "a", "value": "email" }, { "name": "a", "value": "name" }]), "/attributes/1"),
            ("metadata_xml", json!("<a/>"), "/metadata_xml"),
        ] {
            let mut saml = good.clone();
            saml[field] = value.clone();
            let answer = wiki.speaks(&saml).await;
            assert_eq!((answer.problem().as_str(), answer.pointer().as_str()), ("invalid", pointer), "{field} {value}");
        }
        let neither = json!({ "entity_id": ENTITY, "acs_urls": [ACS], "sign_assertion": false, "sign_response": false });
        assert_eq!(wiki.speaks(&neither).await.pointer(), "/sign_response");
    }

    async fn sa35_metadata_says_all_of_it_and_a_field_stands_above_it(wiki: Wiki) {
        let key = |usage: &str, pair| format!(
            "<md:KeyDescriptor{usage}><ds:KeyInfo xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"><ds:X509Data><ds:X509Certificate>{}\
             </ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>",
            certificate(pair).lines().filter(|line| !line.starts_with('-')).collect::<String>(),
        );
        let metadata = |until: &str, content: &str| format!(
            "<md:EntityDescriptor xmlns:md=\"urn:oasis:names:tc:SAML:2.0:metadata\" entityID=\"{ENTITY}\"{until}>\
             <md:SPSSODescriptor AuthnRequestsSigned=\"true\" protocolSupportEnumeration=\"urn:oasis:names:tc:SAML:2.0:protocol\">\
             {content}</md:SPSSODescriptor></md:EntityDescriptor>"
        );
        let post = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST";
        let consumers = format!(
            "<md:NameIDFormat>urn:oasis:names:tc:SAML:2.0:nameid-format:transient</md:NameIDFormat>\
             <md:AssertionConsumerService Binding=\"{post}\" Location=\"{ACS}/old\" index=\"1\"/>\
             <md:AssertionConsumerService Binding=\"{post}\" Location=\"{ACS}\" index=\"7\" isDefault=\"true\"/>\
             <md:AssertionConsumerService Binding=\"urn:oasis:names:tc:SAML:2.0:bindings:PAOS\" Location=\"{ACS}/p\" index=\"3\"/>"
        );
        let both = [key(" use=\"signing\"", &PROVIDER), key(" use=\"encryption\"", &OURS), consumers.clone()].concat();
        let shown = wiki.speaks(&json!({ "metadata_xml": metadata("", &both), "encrypt_assertions": true })).await.found();
        assert_eq!(shown["acs_urls"], json!([ACS, format!("{ACS}/old")]));
        assert_eq!((&shown["require_signed_requests"], &shown["encrypt_assertions"]), (&json!(true), &json!(true)));
        assert_eq!(shown["name_id_formats"], json!(["transient"]));
        assert_eq!(shown["certificates"].as_array().unwrap().len(), 1);

        // A key that does not say what for is one to verify with: its requests stay signed ones.
        let shown = wiki.speaks(&json!({ "metadata_xml": metadata("", &[key("", &PROVIDER), consumers.clone()].concat()) })).await.found();
        assert_eq!((&shown["require_signed_requests"], shown["certificates"].as_array().unwrap().len()), (&json!(true), 1));
        // With none to verify with, what it says of signatures can't be held: that is told, not dropped.
        let only_encryption = [key(" use=\"encryption\"", &OURS), consumers.clone()].concat();
        let answer = wiki.speaks(&json!({ "metadata_xml": metadata("", &only_encryption) })).await;
        assert_eq!(answer.pointer(), "/require_signed_requests");
        let over = metadata(" validUntil=\"2020-01-01T00:00:00Z\"", &both);
        assert_eq!(wiki.speaks(&json!({ "metadata_xml": over })).await.pointer(), "/metadata_xml");
        let shown = wiki.speaks(&json!({ "metadata_xml": metadata("", &both), "entity_id": "urn:other" })).await.found();
        assert_eq!(shown["entity_id"], "urn:other");
    }

    async fn an_application_that_stops_speaking_it_lets_nobody_in_by_it(wiki: Wiki) {
        let ana = wiki.house.employ("ana", BuiltInRole::Admin).await;
        ana.api.delete(&wiki.address()).await.done();
        assert_eq!(wiki.alice.get(&wiki.address()).await.problem(), "not_found");
        let nobody = wiki.house.visitor();
        assert_eq!(nobody.get(&format!("/saml/idp/{}/metadata", wiki.id)).await.status, 404);
        assert_eq!(nobody.get(&wiki.sso()).await.status, 404);
    }

    async fn one_that_speaks_saml_alone_gets_no_code(wiki: Wiki) {
        let bob = wiki.house.signed_in(crate::harness::Person::Bob).await;
        let asked = crate::harness::visitor::authorize(&wiki.id, &[("redirect_uri", ACS)]);
        assert_eq!(bob.get(&asked).await.status, 400);
    }
}
