//! What a form sent, as it was typed: kept even when it is wrong, so that nobody types twice.

use axum::{
    body::Bytes,
    extract::{
        DefaultBodyLimit, FromRequest, Multipart, Request,
        multipart::{Field, MultipartError},
    },
    http::{HeaderMap, StatusCode, header},
};

use crate::{App, BODY_BYTES_MAX, Problem};

/// Fields of one form at most.
const FIELDS_MAX: usize = 1_000;
/// Bytes of a form with files that are read at most. More than are kept ([`BODY_BYTES_MAX`]): whoever chose
/// too large a file gets back what they typed, and not a connection that breaks.
const READ_BYTES_MAX: usize = 64 * 1024 * 1024;

/// A file that came with a form.
#[derive(Clone, Debug)]
pub struct Upload {
    /// The form's field.
    pub field: String,
    /// The file's name as the browser gave it; not to be trusted, least of all as a path.
    pub file_name: String,
    /// What is in it.
    pub bytes: Bytes,
}

/// The fields of a form in the order they came.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    /// Names and values. Values hold no control characters but line feeds and tabs.
    pub pairs: Vec<(String, String)>,
    /// Files, without those fields where no file was chosen.
    pub files: Vec<Upload>,
}

impl Fields {
    /// The value of `name`, empty when the form did not send it; the last one counts.
    #[must_use]
    pub fn get(&self, name: &str) -> &str {
        self.pairs
            .iter()
            .rev()
            .find(|(key, _)| key == name)
            .map_or("", |(_, value)| value)
    }

    /// Every value of `name`, for boxes that can be ticked.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Whether `name` was sent with `value`: for radio buttons and ticked boxes.
    #[must_use]
    pub fn has(&self, name: &str, value: &str) -> bool {
        self.all(name).any(|sent| sent == value)
    }

    /// The file of the field `name`.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().find(|file| file.field == name)
    }

    /// Reads `application/x-www-form-urlencoded`.
    ///
    /// # Errors
    /// Bytes that are no UTF-8, or too many fields.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        let mut fields = Self::default();
        for pair in body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            fields.push(name, decode(halves.next().unwrap_or_default())?)?;
        }
        Ok(fields)
    }

    fn push(&mut self, name: String, value: String) -> Result<(), Problem> {
        if self.pairs.len() >= FIELDS_MAX {
            return Err(Problem::bad_request("problem-form-size"));
        }
        self.pairs.push((name, clean(&value)));
        Ok(())
    }

    async fn multipart(mut request: Request, app: &App) -> Result<Self, Problem> {
        DefaultBodyLimit::max(READ_BYTES_MAX).apply(&mut request);
        let mut parts = Multipart::from_request(request, app)
            .await
            .map_err(|_| Problem::bad_request("problem-form-encoding"))?;
        let mut fields = Self::default();
        match fields.take_parts(&mut parts).await {
            Ok(()) => Ok(fields),
            Err(problem) => Err(problem.keeping(&fields)),
        }
    }

    /// Takes all parts. Of a form that is too large all are read that fit, so that what was typed
    /// after the file is kept too.
    async fn take_parts(&mut self, parts: &mut Multipart) -> Result<(), Problem> {
        let mut room = BODY_BYTES_MAX;
        let mut fits = true;
        while let Some(part) = parts
            .next_field()
            .await
            .map_err(|error| multipart_problem(&error))?
        {
            let name = part.name().unwrap_or_default().to_owned();
            let file_name = part.file_name().map(clean);
            let Some(bytes) = content(part, &mut room).await? else {
                fits = false;
                continue;
            };
            match file_name {
                Some(file_name) if !file_name.is_empty() => self.files.push(Upload {
                    field: name,
                    file_name,
                    bytes,
                }),
                Some(_) => {}
                None => self.push(name, text(bytes.to_vec())?)?,
            }
        }
        fits.then_some(()).ok_or_else(Problem::too_large)
    }
}

/// What is in a part; `None` when it is more than there is `room` for, which then stays as it was.
async fn content(mut part: Field<'_>, room: &mut usize) -> Result<Option<Bytes>, Problem> {
    let mut bytes = Some(Vec::new());
    while let Some(chunk) = part
        .chunk()
        .await
        .map_err(|error| multipart_problem(&error))?
    {
        bytes = bytes.filter(|bytes| bytes.len() + chunk.len() <= *room);
        if let Some(bytes) = &mut bytes {
            bytes.extend_from_slice(&chunk);
        }
    }
    *room -= bytes.as_ref().map_or(0, Vec::len);
    Ok(bytes.map(Bytes::from))
}

impl FromRequest<App> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        match kind(request.headers()).as_str() {
            "multipart/form-data" => Self::multipart(request, app).await,
            PLAIN => Self::parse(&body(request, app).await?),
            _ => Err(Problem::unsupported_media()),
        }
    }
}

/// A form without files.
const PLAIN: &str = "application/x-www-form-urlencoded";

/// The media type of the body, without its parameters.
fn kind(headers: &HeaderMap) -> String {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next());
    kind.unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the body is that of a form without files.
pub(crate) fn is_plain_form(headers: &HeaderMap) -> bool {
    kind(headers) == PLAIN
}

/// The whole body, within the route's limit.
pub(crate) async fn body(request: Request, app: &App) -> Result<Bytes, Problem> {
    Bytes::from_request(request, app)
        .await
        .map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
            _ => Problem::bad_request("problem-body"),
        })
}

fn multipart_problem(error: &MultipartError) -> Problem {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large(),
        _ => Problem::bad_request("problem-form-encoding"),
    }
}

fn text(bytes: Vec<u8>) -> Result<String, Problem> {
    String::from_utf8(bytes).map_err(|_| Problem::bad_request("problem-utf8"))
}

/// Percent-decoding that refuses what is no UTF-8 rather than storing question marks.
fn decode(raw: &[u8]) -> Result<String, Problem> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        match (byte, tail) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                _ => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    text(bytes)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// Line ends as `\n`; NUL and other control characters, which nobody types and PostgreSQL cannot
/// store, left out.
fn clean(value: &str) -> String {
    let value = value.replace("\r\n", "\n");
    value
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_as_typed() {
        let fields =
            Fields::parse("a=%E6%84%8F+%E8%A7%81&b=1&b=2&c=x%0D%0Ay%00&d=50%".as_bytes()).unwrap();
        assert_eq!(fields.get("a"), "意 见");
        assert_eq!(fields.get("b"), "2");
        assert_eq!(fields.all("b").collect::<Vec<_>>(), ["1", "2"]);
        assert_eq!(fields.get("c"), "x\ny");
        assert_eq!(fields.get("d"), "50%");
        assert_eq!(fields.get("nothing"), "");
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert!(Fields::parse(b"a=%FF%FE").is_err());
        assert!(Fields::parse("a=1&".repeat(FIELDS_MAX).as_bytes()).is_ok());
        assert!(Fields::parse("a=1&".repeat(FIELDS_MAX + 1).as_bytes()).is_err());
    }
}
