//! What each form of a patch does.

use serde_json::{Value, json};

use super::*;

const SHAPE: Shape = Shape {
    schema: "urn:ietf:params:scim:schemas:core:2.0:User",
    attributes: &[
        Attribute {
            name: "active",
            parts: &[],
            many: false,
        },
        Attribute {
            name: "userName",
            parts: &[],
            many: false,
        },
        Attribute {
            name: "name",
            parts: &["givenName", "familyName"],
            many: false,
        },
        Attribute {
            name: "members",
            parts: &["value"],
            many: true,
        },
    ],
    read_only: &["id"],
};

fn patched(operations_told: &Value) -> Result<Value, PatchError> {
    let known = json!({
        "id": "1", "userName": "a", "active": true, "name": { "givenName": "Al", "familyName": "Ar" },
        "members": [{ "value": "x" }, { "value": "y" }],
    });
    let Value::Object(mut resource) = known else {
        unreachable!()
    };
    let all = operations(&json!({ "Operations": operations_told }))?;
    apply(&mut resource, &all, &SHAPE)?;
    Ok(resource.into())
}

#[test]
fn each_form_does_what_providers_mean_by_it() {
    for (told, pointer, is) in [
        (
            json!({ "op": "Replace", "path": "active", "value": "False" }),
            "/active",
            json!("False"),
        ),
        (
            json!({ "op": "replace", "value": { "active": false } }),
            "/active",
            json!(false),
        ),
        (
            json!({ "op": "Add", "path": "name.givenName", "value": "B" }),
            "/name",
            json!({ "givenName": "B", "familyName": "Ar" }),
        ),
        (
            json!({ "op": "add", "value": { "name.familyName": "B" } }),
            "/name/familyName",
            json!("B"),
        ),
        (
            json!({ "op": "replace", "value": { "NAME": { "FAMILYNAME": "B" } } }),
            "/name",
            json!({ "givenName": "Al", "familyName": "B" }),
        ),
        (
            json!({ "op": "remove", "path": "name.givenName" }),
            "/name",
            json!({ "familyName": "Ar" }),
        ),
        (
            json!({ "op": "add", "path": "members", "value": [{ "value": "z", "display": "Z" }, { "value": "x" }] }),
            "/members",
            json!([{ "value": "x" }, { "value": "y" }, { "value": "z" }]),
        ),
        (
            json!({ "op": "add", "path": "members", "value": { "value": "z" } }),
            "/members/2/value",
            json!("z"),
        ),
        (
            json!({ "op": "remove", "path": "members[value eq \"x\"]" }),
            "/members",
            json!([{ "value": "y" }]),
        ),
        (
            json!({ "op": "Remove", "path": "members", "value": [{ "value": "y" }] }),
            "/members",
            json!([{ "value": "x" }]),
        ),
        (
            json!({ "op": "remove", "path": "members" }),
            "/members",
            json!([]),
        ),
        (
            json!({ "op": "remove", "path": "members[value eq \"gone\"]" }),
            "/members/1/value",
            json!("y"),
        ),
        (
            json!({ "op": "replace", "path": "members", "value": [] }),
            "/members",
            json!([]),
        ),
        (
            json!({ "op": "replace", "value": { "id": "1", "userName": "b" } }),
            "/userName",
            json!("b"),
        ),
        (
            json!({ "op": "add", "path": "emails[type eq \"work\"].value", "value": "x" }),
            "/userName",
            json!("a"),
        ),
        (
            json!({ "op": "replace", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "x" }),
            "/userName",
            json!("a"),
        ),
        (
            json!({ "op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:userName", "value": "b" }),
            "/userName",
            json!("b"),
        ),
    ] {
        let after = patched(&json!([told])).unwrap();
        assert_eq!(after.pointer(pointer), Some(&is), "{told}");
    }
}

#[test]
fn what_makes_no_sense_is_told() {
    for (told, error) in [
        (
            json!({ "op": "replace", "path": "id", "value": "2" }),
            PatchError::Mutability("id".to_owned()),
        ),
        (json!({ "op": "remove" }), PatchError::NoTarget),
        (
            json!({ "op": "move", "path": "active" }),
            PatchError::Syntax("op is add, replace or remove"),
        ),
        (
            json!({ "op": "replace", "value": "x" }),
            PatchError::Syntax("without a path, value is an object"),
        ),
        (
            json!({ "op": "replace", "path": "name", "value": "x" }),
            PatchError::Value("name"),
        ),
        (
            json!({ "op": "replace", "path": "userName", "value": { "a": 1 } }),
            PatchError::Value("userName"),
        ),
        (
            json!({ "op": "replace", "path": "userName[value eq \"a\"]", "value": "x" }),
            PatchError::Path,
        ),
        (
            json!({ "op": "replace", "path": "members[value eq \"no\"]", "value": { "value": "q" } }),
            PatchError::NoTarget,
        ),
        (
            json!({ "op": "replace", "path": "a b", "value": "x" }),
            PatchError::Path,
        ),
        (
            json!({ "op": "replace", "path": "members[value eq \"x\"]x", "value": [] }),
            PatchError::Path,
        ),
        (json!({ "op": "remove", "path": "../id" }), PatchError::Path),
    ] {
        assert_eq!(patched(&json!([told])).unwrap_err(), error, "{told}");
    }
    assert!(patched(&json!("x")).is_err() && patched(&json!(["x"])).is_err());
    let deep = format!("members{}", "[a".repeat(100));
    let told = json!([{ "op": "remove", "path": deep }]);
    assert_eq!(
        patched(&told).unwrap_err(),
        PatchError::Filter(BadFilter::TooDeep)
    );
}
