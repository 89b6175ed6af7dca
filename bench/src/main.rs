//! Workloads, and the limits they are measured against.

fn main() {}
