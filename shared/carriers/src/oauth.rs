//! A Google service account's key, and its exchange for a token (RFC 7523: a JWT as an authorisation grant).

use data_encoding::BASE64URL_NOPAD;
use http::Method;
use kernel::Timestamp;
use kernel::time::SECOND_MS;
use partner::{Answer, Fault, Request};
use rsa::PrivateKey;
use rsa::pkcs1v15::SigningKey;
use rsa::pkcs8::DecodePrivateKey as _;
use rsa::signature::{SignatureEncoding as _, Signer as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{TIMEOUT_MS, cut};

/// What a token for messages may do.
const SCOPE: &str = "https://www.googleapis.com/auth/firebase.messaging";
const GRANT: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
/// Path of the exchange.
const PATH: &str = "/token";
/// Longest life of a grant that Google takes.
const GRANT_SECONDS: i64 = 3_600;
/// A token is renewed so long before it ends: calls in flight are not refused.
const MARGIN_MS: i64 = 5 * 60 * SECOND_MS;

/// A service account, from the JSON file that Google's console gives.
pub struct ServiceAccount {
    pub project: String,
    email: String,
    key: Zeroizing<String>,
    key_id: Option<String>,
}

/// Why there is no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoToken {
    /// The configured text is no service account.
    #[error("the service account is not the JSON of Google's console: {0}")]
    Account(String),
    /// Its key is no RSA key in PKCS#8.
    #[error("the service account's key is not an RSA key in PEM")]
    Key,
    /// Google does not know the account, or its key any more.
    #[error("the exchange was refused: {0}")]
    Refused(String),
    /// Later, perhaps.
    #[error("the exchange failed: {0}")]
    Failed(String),
}

#[derive(Deserialize)]
struct File {
    project_id: String,
    client_email: String,
    private_key: String,
    #[serde(default)]
    private_key_id: Option<String>,
}

#[derive(Serialize)]
struct Head<'a> {
    alg: &'static str,
    typ: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    scope: &'static str,
    aud: &'a str,
    iat: i64,
    exp: i64,
}

#[derive(Deserialize)]
struct Granted {
    access_token: String,
    expires_in: i64,
}

#[derive(Deserialize)]
struct Denied {
    error: String,
}

/// A token and when to have another.
pub struct Token {
    pub secret: Zeroizing<String>,
    pub renew_at: Timestamp,
}

impl ServiceAccount {
    /// Reads the JSON.
    ///
    /// # Errors
    /// [`NoToken::Account`]; it quotes nothing of the text.
    pub fn parse(text: &str) -> Result<Self, NoToken> {
        // serde's message would quote what it found.
        let File { project_id, client_email, private_key, private_key_id } = serde_json::from_str(text)
            .map_err(|error| NoToken::Account(format!("line {}, column {}", error.line(), error.column())))?;
        Ok(Self {
            project: project_id,
            email: client_email,
            key: Zeroizing::new(private_key),
            key_id: private_key_id,
        })
    }

    /// Asks for a token. `base_url` is the exchange's address without a path: `https://oauth2.googleapis.com`.
    ///
    /// # Errors
    /// [`NoToken::Key`].
    pub fn request(&self, base_url: &str, now: Timestamp) -> Result<Request, NoToken> {
        let url = format!("{base_url}{PATH}");
        let assertion = self.assertion(&url, now)?;
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", GRANT).append_pair("assertion", &assertion);
        Ok(Request {
            method: Method::POST,
            url,
            headers: vec![("content-type", "application/x-www-form-urlencoded".to_owned())],
            body: form.finish().into_bytes(),
            timeout_ms: TIMEOUT_MS,
        })
    }

    /// The signed grant: RS256 over head and claims.
    fn assertion(&self, audience: &str, now: Timestamp) -> Result<String, NoToken> {
        let key = PrivateKey::from_pkcs8_pem(&self.key).map_err(|_| NoToken::Key)?;
        let iat = now.seconds();
        let claims = Claims {
            iss: &self.email,
            scope: SCOPE,
            aud: audience,
            iat,
            exp: iat.saturating_add(GRANT_SECONDS),
        };
        let head = Head { alg: "RS256", typ: "JWT", kid: self.key_id.as_deref() };
        let part = |json: Result<Vec<u8>, serde_json::Error>| {
            json.map(|bytes| BASE64URL_NOPAD.encode(&bytes)).map_err(|_| NoToken::Key)
        };
        let signed = format!("{}.{}", part(serde_json::to_vec(&head))?, part(serde_json::to_vec(&claims))?);
        let signature =
            SigningKey::<Sha256>::new(key).try_sign(signed.as_bytes()).map_err(|_| NoToken::Key)?;
        Ok(format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature.to_bytes())))
    }
}

/// Reads the exchange's answer.
///
/// # Errors
/// [`NoToken::Refused`], [`NoToken::Failed`].
pub fn read(answer: &Result<Answer, Fault>, now: Timestamp) -> Result<Token, NoToken> {
    let answer = answer.as_ref().map_err(|fault| NoToken::Failed(cut(&fault.to_string())))?;
    if answer.is_success() {
        let granted: Granted = serde_json::from_slice(&answer.body)
            .map_err(|_| NoToken::Failed("the answer has another shape".to_owned()))?;
        let renew_at =
            now.plus_millis(granted.expires_in.saturating_mul(SECOND_MS).saturating_sub(MARGIN_MS));
        return Ok(Token { secret: Zeroizing::new(granted.access_token), renew_at });
    }
    let why = serde_json::from_slice::<Denied>(&answer.body).map(|denied| cut(&denied.error));
    let why = format!("{} {}", answer.status, why.unwrap_or_default());
    if answer.is_transient() { Err(NoToken::Failed(why)) } else { Err(NoToken::Refused(why)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_exchange() {
        let now = Timestamp::from_millis(0);
        let answer =
            |status, body: &str| Ok(Answer { status, headers: Vec::new(), body: body.as_bytes().to_vec() });
        let token =
            read(&answer(200, r#"{"access_token":"t","expires_in":3599,"token_type":"Bearer"}"#), now);
        let token = token.expect("a token");
        assert_eq!((token.secret.as_str(), token.renew_at.seconds()), ("t", 3_299));
        let refused = read(
            &answer(400, r#"{"error":"invalid_grant","error_description":"Invalid JWT Signature."}"#),
            now,
        );
        assert_eq!(refused.err(), Some(NoToken::Refused("400 invalid_grant".to_owned())));
        assert!(matches!(read(&answer(503, ""), now).err(), Some(NoToken::Failed(_))));
        assert!(matches!(
            read(&Err(Fault::NoAnswer("late".to_owned())), now).err(),
            Some(NoToken::Failed(_))
        ));
    }

    #[test]
    fn a_text_that_is_no_account_is_not_quoted() {
        let error = ServiceAccount::parse(r#"{"private_key": "secret"}"#).err().expect("refused");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}
