//! The way out of a native program.

use std::time::Duration;

use partner::{Answer, Fault, Request};

/// Sends requests and waits for whole answers.
pub struct Wire;

impl partner::Exchange for Wire {
    fn exchange(&self, request: &Request) -> Result<Answer, Fault> {
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_millis(request.timeout_ms.into())))
            .build()
            .into();
        let mut builder =
            ureq::http::Request::builder().method(request.method.as_str()).uri(request.url.as_str());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        let made = builder.body(request.body.clone()).map_err(|error| Fault::NotSent(error.to_string()))?;
        let mut answer = agent.run(made).map_err(|error| Fault::NoAnswer(error.to_string()))?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap_or_default().to_owned()));
        Ok(Answer {
            status: answer.status().as_u16(),
            headers: headers.collect(),
            body: answer.body_mut().read_to_vec().map_err(|error| Fault::NoAnswer(error.to_string()))?,
        })
    }
}
