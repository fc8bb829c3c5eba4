//! Dockerfiles: stages, variables, and what is copied from where.

mod ignore;
mod nearest;
mod stage_sources;
mod words;

hullmark_sdk::plugin! {
    name: "dockerfile",
    summary: "Dockerfiles: stages, variables, and what is copied from where.",
    rules: [
        add_instead_of_copy,
        constant_platform,
        copy_from_own_stage,
        copy_from_unknown_stage,
        copy_ignored_file,
        copy_whole_filesystem,
        definition_description,
        duplicate_stage_name,
        env_self_reference,
        from_as_casing,
        invalid_default_arg,
        missing_dockerignore,
        multiple_sources_without_slash,
        redundant_target_platform,
        relative_copy_destination,
        relative_workdir,
        reserved_stage_name,
        stage_name_casing,
        system_workdir,
        undefined_arg_in_from,
        undefined_variable,
        unverified_download,
    ],
}
