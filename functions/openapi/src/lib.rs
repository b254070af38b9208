//! Serves the API description
