//! Kubernetes field tables per minor version, and the checks over them.
