//! Avatars: whatever is sent, what comes out is a picture and nothing else. SS2.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use reqwest::StatusCode;

use super::audited;
use crate::harness::{Answer, Api, Person, on_both};

const AVATAR: &str = "/v2/users/me/avatar";

/// A picture with something in it.
fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
    let dots = RgbImage::from_fn(width, height, |x, y| {
        Rgb([(x % 7) as u8 * 30, (y % 5) as u8 * 50, 90])
    });
    let mut bytes = Cursor::new(Vec::new());
    DynamicImage::from(dots).write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

async fn send(api: &Api, media_type: &str, bytes: Vec<u8>) -> Answer {
    Answer::of(
        api.request("PUT", AVATAR)
            .header("content-type", media_type)
            .body(bytes),
    )
    .await
}

async fn bytes_at(api: &Api, path: &str) -> (String, Vec<u8>) {
    let response = api.browser().request("GET", path).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let media_type = response.headers()["content-type"].to_str().unwrap().to_owned();
    (media_type, response.bytes().await.unwrap().to_vec())
}

on_both! {
    async fn a_picture_is_taken_shown_and_taken_away(house) {
        let bob = house.in_browser(Person::Bob).await;
        for (media_type, format, kept) in [
            ("image/png", ImageFormat::Png, "image/png"),
            ("image/jpeg", ImageFormat::Jpeg, "image/jpeg"),
            ("image/webp", ImageFormat::WebP, "image/png"),
        ] {
            let taken = send(&bob, media_type, picture(600, 300, format)).await.found();
            let path = taken["avatar_url"].as_str().unwrap().to_owned();
            assert_eq!(bob.get("/v2/users/me").await.found()["avatar_url"], path.as_str());
            let member = bob.get("/v2/organizations/acme/members/bob@acme.example").await.found();
            assert_eq!(member["avatar_url"], path.as_str());
            let anybody = house.visitor();
            let shown = anybody.request("GET", &path).send().await.unwrap();
            let header = |name: &str| shown.headers()[name].to_str().unwrap().to_owned();
            assert_eq!(header("content-type"), kept);
            assert_eq!(header("x-content-type-options"), "nosniff");
            assert!(header("cache-control").contains("immutable"));
            assert!(header("content-security-policy").contains("default-src 'none'"));
            let image = image::load_from_memory(&shown.bytes().await.unwrap()).unwrap();
            assert_eq!((image.width(), image.height()), (512, 256));
        }
        let path = bob.get("/v2/users/me").await.found()["avatar_url"].as_str().unwrap().to_owned();
        bob.delete(AVATAR).await.done();
        assert_eq!(bob.delete(AVATAR).await.problem(), "not_found");
        assert_eq!(bob.get(&path).await.status, StatusCode::NOT_FOUND);
        assert_eq!(audited(&house, "user.avatar_changed").await.len(), 3);
        assert_eq!(audited(&house, "user.avatar_removed").await.len(), 1);
    }

    async fn a_new_picture_has_a_new_address_and_the_old_one_is_gone(house) {
        let bob = house.in_browser(Person::Bob).await;
        let address = async || {
            let taken = send(&bob, "image/png", picture(3, 3, ImageFormat::Png)).await.found();
            taken["avatar_url"].as_str().unwrap().to_owned()
        };
        let (first, second) = (address().await, address().await);
        assert_eq!(bob.get(&first).await.status, StatusCode::NOT_FOUND);
        bytes_at(&bob, &second).await;
        for path in ["/avatars/img_01kaxw3vd0f1wvj1d2sahtfxyz", "/avatars/..%2F..%2Fetc%2Fpasswd", "/avatars/x"] {
            assert_eq!(bob.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
        }
    }

    async fn ss2_what_is_no_picture_is_refused(house) {
        let bob = house.in_browser(Person::Bob).await;
        let png = picture(3, 3, ImageFormat::Png);
        let mut huge = png.clone();
        huge[16..20].copy_from_slice(&50_000_u32.to_be_bytes());
        huge[20..24].copy_from_slice(&50_000_u32.to_be_bytes());
        for (told, media_type, bytes, code) in [
            ("nothing", "image/png", Vec::new(), "invalid"),
            ("one byte", "image/png", b"\x89".to_vec(), "invalid"),
            ("half of one", "image/png", png[..png.len() / 2].to_vec(), "invalid"),
            ("50,000 pixels square", "image/png", huge, "invalid"),
            ("another kind", "image/jpeg", png.clone(), "invalid"),
            ("a script", "image/png", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(), "invalid"),
            ("a script by its type", "image/svg+xml", b"<svg/>".to_vec(), "unsupported_media_type"),
            ("a moving one", "image/gif", b"GIF89a".to_vec(), "unsupported_media_type"),
            ("no type", "", png.clone(), "unsupported_media_type"),
            ("json", "application/json", b"{}".to_vec(), "unsupported_media_type"),
            ("too much", "image/png", vec![0; 256 * 1024 + 1], "too_large"),
        ] {
            assert_eq!(send(&bob, media_type, bytes).await.problem(), code, "{told}");
        }
        assert_eq!(house.nobody().put_bare(AVATAR).await.status, StatusCode::UNAUTHORIZED);
    }

    async fn ss2_nothing_but_pixels_comes_out(house) {
        let bob = house.in_browser(Person::Bob).await;
        let script = b"<html><script>alert(1)</script></html>";
        let mut polyglot = picture(9, 9, ImageFormat::Png);
        polyglot.extend_from_slice(script);
        let jpeg = picture(9, 9, ImageFormat::Jpeg);
        let exif = b"Exif\0\0MM\0*\0\0\0\x08 at home, 52.5200 N";
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let located = [&jpeg[..2], b"\xff\xe1", &length[..], exif, &jpeg[2..]].concat();
        for (media_type, sent, hidden) in
            [("image/png", polyglot, &b"<script>"[..]), ("image/jpeg", located, &b"at home"[..])]
        {
            let taken = send(&bob, media_type, sent.clone()).await.found();
            let (shown, bytes) = bytes_at(&bob, taken["avatar_url"].as_str().unwrap()).await;
            assert_eq!(shown, media_type);
            let has = |bytes: &[u8]| bytes.windows(hidden.len()).any(|part| part == hidden);
            assert!(has(&sent) && !has(&bytes), "{media_type}");
        }
    }
}
