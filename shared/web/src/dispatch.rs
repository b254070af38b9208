//! From a request to the operation that serves it, with its access checked.

use api::{Access, Operation, operations, problem};

use crate::auth::{self, Principal};
use crate::call::{Call, Request};
use crate::problem::Problem;

/// Values of a path's `:name` segments, by name.
pub type Parameters = Vec<(&'static str, String)>;

/// Finds the operation of `component` for a request, and the path's parameters.
///
/// # Errors
/// 404 when no path matches; 405 with `allowed` when one does and its method differs.
pub fn find(component: &str, request: &Request) -> Result<(&'static Operation, Parameters), Problem> {
    let mut allowed: Vec<&str> = Vec::new();
    for operation in operations::all().filter(|operation| operation.component == component) {
        let Some(parameters) = operation.match_path(&request.path) else { continue };
        if operation.method.name() == request.method.as_str() {
            let owned = parameters.into_iter().map(|(name, value)| (name, value.to_owned())).collect();
            return Ok((operation, owned));
        }
        allowed.push(operation.method.name());
    }
    if allowed.is_empty() {
        return Err(Problem::of(&problem::NOT_FOUND));
    }
    Err(Problem::of(&problem::METHOD_NOT_ALLOWED).with("allowed", allowed))
}

/// Identifies the caller and refuses one who may not call this operation.
///
/// # Errors
/// 401 or 403.
pub async fn dispatch(call: &mut Call<'_>) -> Result<(), Problem> {
    if call.operation.access == Access::Public {
        return Ok(());
    }
    let principal = auth::identify(call).await?;
    let allowed = match (call.operation.access, &principal) {
        (Access::Public, _)
        | (Access::Visitor, Principal::Public | Principal::Guest(_))
        | (Access::Guest, Principal::Guest(_))
        | (Access::Till, Principal::Till(_)) => true,
        (Access::Staff(permission), Principal::Staff(staff)) => staff.grant.may(permission),
        _ => false,
    };
    if !allowed {
        return Err(auth::refuse(&principal));
    }
    call.principal = principal;
    Ok(())
}
