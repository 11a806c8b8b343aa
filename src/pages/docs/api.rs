//! The API, described for people: what `/openapi.json` says to programs. It names every route, thing and problem.

use askama::Template;

use crate::web::Frame;

/// The page: `templates/docs/api.html`.
#[derive(Template)]
#[template(path = "docs/api.html")]
pub struct ApiPage {
    /// The frame.
    pub page: Frame,
    /// The server's address, for examples.
    pub server: String,
    /// Routes, by what they are about.
    pub groups: Vec<Group>,
    /// What bodies and answers are made of.
    pub things: Vec<Thing>,
    /// What can go wrong.
    pub problems: Vec<Problem>,
}

/// Routes that are about one thing.
pub struct Group {
    /// The name of the tag.
    pub name: String,
    /// What it is.
    pub about: String,
    /// The routes.
    pub routes: Vec<Route>,
}

/// One route.
pub struct Route {
    /// Its name, and the anchor.
    pub id: String,
    /// `GET` and the like.
    pub method: String,
    /// With what stands for ids in braces.
    pub path: String,
    /// What it does.
    pub title: String,
    /// More about that.
    pub about: String,
    /// What can be said in query and headers.
    pub parameters: Vec<Field>,
    /// What its body is made of, if it has one.
    pub takes: Option<String>,
    /// Each good answer's status, meaning, and what it is made of.
    pub answers: Vec<Answer>,
}

/// A good answer.
pub struct Answer {
    /// Its status.
    pub status: String,
    /// What it means.
    pub about: String,
    /// What it is made of, if it has a body.
    pub thing: Option<String>,
}

/// What a body or answer is made of.
pub struct Thing {
    /// Its name, and the anchor behind `thing-`.
    pub name: String,
    /// What it is.
    pub about: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The words it may be, if it is one of a few.
    pub words: Vec<String>,
}

/// A field or parameter.
pub struct Field {
    /// Its name.
    pub name: String,
    /// Where it stands, or of which type it is.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it is.
    pub about: String,
}

/// A kind of problem.
pub struct Problem {
    /// Its code, and the anchor.
    pub code: String,
    /// The status it comes with.
    pub status: u16,
    /// What it means.
    pub about: String,
}

impl ApiPage {
    /// Its states: a short manual, with names that don't break.
    pub fn samples() -> Vec<(&'static str, Self)> {
        let field = |name: &str, kind: &str, required| Field {
            name: name.to_owned(),
            kind: kind.to_owned(),
            required,
            about: "What people read, 1 to 100 characters".to_owned(),
        };
        let route = Route {
            id: "update_product".to_owned(),
            method: "PATCH".to_owned(),
            path: "/v2/organizations/{org}/products/{product}".to_owned(),
            title: "Change a product".to_owned(),
            about: "Needs product:write, on all products or on this one.".to_owned(),
            parameters: vec![field("If-Match", "header", false)],
            takes: Some("ProductToChange".to_owned()),
            answers: vec![Answer {
                status: "200".to_owned(),
                about: "The product as it is now".to_owned(),
                thing: Some("ProductToChange".to_owned()),
            }],
        };
        let group = Group {
            name: "products".to_owned(),
            about: "What permissions can be limited to".to_owned(),
            routes: vec![route],
        };
        let thing = Thing {
            name: "ProductToChange".to_owned(),
            about: "What can be changed of a product.".to_owned(),
            fields: vec![field("display_name", "string", false)],
            words: vec!["active".to_owned()],
        };
        let problem = Problem {
            code: "precondition_failed".to_owned(),
            status: 412,
            about: "The thing was changed since the If-Match tag was given.".to_owned(),
        };
        let manual = Self {
            page: Frame::english(),
            server: "https://id.example.com".to_owned(),
            groups: vec![group],
            things: vec![thing],
            problems: vec![problem],
        };
        vec![("manual", manual)]
    }
}
