//! From the plan to artifacts: one folder per target.
