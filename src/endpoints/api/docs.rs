//! `GET /docs`: the description of the API as a page, made on the server. Nothing of it runs in the browser.

use axum::extract::State;
use axum::response::Response;
use serde_json::{Map, Value};

use super::code::Code;
use super::openapi::document;
use crate::pages::docs::api::{Answer, ApiPage, Field, Group, Problem, Route, Thing};
use crate::web::{AppState, FormAction, Frame, page};

/// Shows the manual.
pub async fn show(State(state): State<AppState>) -> Response {
    let manual = ApiPage {
        page: Frame::english(),
        server: state.config.public_url.as_str().to_owned(),
        groups: groups(document()),
        things: things(document()),
        problems: Code::ALL.iter().copied().map(problem).collect(),
    };
    page(&manual, &FormAction::Own)
}

fn problem(code: Code) -> Problem {
    Problem {
        code: code.name().to_owned(),
        status: code.status().as_u16(),
        about: code.meaning().to_owned(),
    }
}

fn groups(document: &Value) -> Vec<Group> {
    let tags = document["tags"].as_array().into_iter().flatten();
    let group = |tag: &Value| Group {
        name: text(&tag["name"]),
        about: text(&tag["description"]),
        routes: routes(document, &tag["name"]),
    };
    tags.map(group).collect()
}

fn routes(document: &Value, tag: &Value) -> Vec<Route> {
    let mut found = Vec::new();
    for (path, methods) in entries(&document["paths"]) {
        for (method, operation) in entries(methods) {
            if operation["tags"][0] == *tag {
                found.push(route(path, method, operation));
            }
        }
    }
    found
}

fn route(path: &str, method: &str, operation: &Value) -> Route {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let answers = entries(&operation["responses"]).filter(|(status, _)| status.starts_with('2'));
    Route {
        id: text(&operation["operationId"]),
        method: method.to_uppercase(),
        path: path.to_owned(),
        title: text(&operation["summary"]),
        about: plain(&operation["description"]),
        parameters: parameters
            .filter(|parameter| parameter["in"] != "path")
            .map(|parameter| Field {
                name: text(&parameter["name"]),
                kind: text(&parameter["in"]),
                required: parameter["required"] == true,
                about: plain(&parameter["description"]),
            })
            .collect(),
        takes: content(&operation["requestBody"]),
        answers: answers
            .map(|(status, answer)| Answer {
                status: status.clone(),
                about: plain(&answer["description"]),
                thing: content(answer),
            })
            .collect(),
    }
}

/// The name of what a body is made of.
fn content(body: &Value) -> Option<String> {
    let (_, first) = entries(&body["content"]).next()?;
    referred(&first["schema"])
}

fn referred(schema: &Value) -> Option<String> {
    let path = schema["$ref"].as_str()?;
    path.rsplit('/').next().map(str::to_owned)
}

fn things(document: &Value) -> Vec<Thing> {
    let schemas = entries(&document["components"]["schemas"]);
    schemas
        .map(|(name, schema)| thing(document, name, schema))
        .collect()
}

fn thing(document: &Value, name: &str, schema: &Value) -> Thing {
    let mut fields = Vec::new();
    let mut words = Vec::new();
    collect(document, schema, &mut fields, &mut words);
    Thing {
        name: name.to_owned(),
        about: plain(&schema["description"]),
        fields,
        words,
    }
}

/// The fields of a thing, those of its parts too.
fn collect(document: &Value, schema: &Value, fields: &mut Vec<Field>, words: &mut Vec<String>) {
    for part in schema["allOf"].as_array().into_iter().flatten() {
        let named = referred(part).map(|name| &document["components"]["schemas"][name]);
        collect(document, named.unwrap_or(part), fields, words);
    }
    let required = |name: &str| {
        let list = schema["required"].as_array();
        list.is_some_and(|list| list.iter().any(|one| one == name))
    };
    for (name, field) in entries(&schema["properties"]) {
        fields.push(Field {
            name: name.clone(),
            kind: kind(field),
            required: required(name),
            about: plain(&field["description"]),
        });
    }
    if schema.get("properties").is_none() {
        for field in fields.iter_mut().filter(|field| required(&field.name)) {
            field.required = true;
        }
    }
    // One of a few words, each perhaps with what it means.
    for word in schema["enum"].as_array().into_iter().flatten() {
        words.push(text(word));
    }
    for one in schema["oneOf"].as_array().into_iter().flatten() {
        collect(document, one, fields, words);
    }
}

fn kind(field: &Value) -> String {
    if let Some(name) = referred(field) {
        return name;
    }
    match &field["type"] {
        Value::String(name) if name == "array" => format!("{} …", kind(&field["items"])),
        Value::String(name) => name.clone(),
        Value::Array(names) => names.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => field["oneOf"]
            .as_array()
            .into_iter()
            .flatten()
            .map(kind)
            .collect::<Vec<_>>()
            .join(" or "),
    }
}

fn entries(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flat_map(Map::iter)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Without the marks that code is written between.
fn plain(value: &Value) -> String {
    text(value).replace('`', "")
}
