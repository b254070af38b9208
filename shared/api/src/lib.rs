//! The wire: operations, request and reply types, problems
