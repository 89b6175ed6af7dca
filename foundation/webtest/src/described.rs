//! The API held to its own description.

use serde_json::{Map, Value, json};

use crate::TestSite;

/// An id of nothing.
const NOTHING: &str = "00000000-0000-0000-0000-000000000000";

impl TestSite {
    /// Asks every operation of the API as nobody, with what its description needs: where a session is
    /// needed the answer is 401 before anything sent is read, everywhere else the visitor is heard.
    /// `known` puts what exists in place of parts of the paths; `but` are operations, such as
    /// `post /sessions`, whose own answer to what is made up here is 401.
    ///
    /// # Panics
    /// When an operation answers otherwise, or does not say what holds for all.
    pub async fn lets_nobody_in(&self, known: &[(&str, &str)], but: &[&str]) {
        let described = self.get("/api/openapi.json").await.ok().json();
        assert!(described.get("security").is_none(), "each says it itself");
        for (path, item) in object(&described["paths"]) {
            for (method, operation) in object(item) {
                let name = format!("{method} {}", path.trim_start_matches("/api/v1"));
                let too_many = &operation["responses"]["429"]["$ref"];
                assert_eq!(too_many, "#/components/responses/TooMany", "{name}");
                let security = &operation["security"];
                let needed = !security.is_null();
                let body = match needed {
                    true => Value::Null,
                    false => body(&described, operation),
                };
                let path = format!("{}{}", concrete(path, known), query(operation));
                let answer = self.call(&method.to_uppercase(), &path, "", &body).await;
                let (status, text) = (answer.status.as_u16(), answer.text());
                if needed {
                    assert_eq!(
                        security,
                        &json!([{"session": []}, {"cookie": []}]),
                        "{name}"
                    );
                    assert_eq!(status, 401, "{name}: {text}");
                } else if !but.contains(&name.as_str()) {
                    let unheard = [400, 401, 403, 415, 422].contains(&status);
                    assert!(!unheard, "{name}: {status} {text}");
                }
            }
        }
    }
}

fn object(value: &Value) -> &Map<String, Value> {
    value
        .as_object()
        .expect("the description has the form of one")
}

/// A path with what is known in place of its parameters, and ids of nothing for the others.
fn concrete(path: &str, known: &[(&str, &str)]) -> String {
    let known = known.iter().fold(path.to_owned(), |path, (part, with)| {
        path.replace(part, with)
    });
    let part = |part: &str| match part.starts_with('{') {
        true => NOTHING.to_owned(),
        false => part.to_owned(),
    };
    known.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// The query that an operation cannot do without.
fn query(operation: &Value) -> String {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let needed = parameters.filter(|it| it["in"] == "query" && it["required"] == true);
    let pairs = needed.map(|it| {
        let name = it["name"].as_str().unwrap_or_default();
        let value = match it["example"].as_str() {
            Some(example) => example,
            None if it["schema"]["format"] == "uuid" => NOTHING,
            None => "x",
        };
        format!("{name}={value}")
    });
    let pairs: Vec<_> = pairs.collect();
    match pairs.is_empty() {
        true => String::new(),
        false => format!("?{}", pairs.join("&")),
    }
}

/// A body with the texts that an operation cannot do without; null where it takes none.
fn body(described: &Value, operation: &Value) -> Value {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"]["$ref"];
    let Some(place) = schema.as_str().and_then(|it| it.strip_prefix('#')) else {
        return Value::Null;
    };
    let needed = described.pointer(&format!("{place}/required"));
    let needed = needed.and_then(Value::as_array).into_iter().flatten();
    let names = needed.filter_map(Value::as_str);
    names.map(|name| (name.to_owned(), json!("x"))).collect()
}
