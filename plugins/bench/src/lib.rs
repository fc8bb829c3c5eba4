//! Nothing but a benchmark lives here: it is the one place that links plugins natively beside the host.
