//! `spin:variables`: the component's own variables, resolved when the host started.

use wasmtime::component::{Accessor, HasSelf};

use super::bindings::spin::variables::variables::{Error, Host, HostWithStore};
use crate::instance::InstanceState;
use crate::manifest::check_variable_name;

impl Host for InstanceState {}

impl HostWithStore<InstanceState> for HasSelf<InstanceState> {
    async fn get(
        accessor: &Accessor<InstanceState, Self>,
        name: String,
    ) -> wasmtime::Result<Result<String, Error>> {
        if let Err(message) = check_variable_name(&name) {
            return Ok(Err(Error::InvalidName(message)));
        }
        accessor.with(|mut access| {
            let component = &access.get().component;
            Ok(component.variables.get(&name).cloned().ok_or_else(|| {
                Error::Undefined(format!("no variable for {:?}.{name:?}", component.id.as_ref()))
            }))
        })
    }
}
