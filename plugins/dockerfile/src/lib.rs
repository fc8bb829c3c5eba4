//! Dockerfiles: stages, variables, and what is copied from where.

mod cache;
mod edit;
mod environment;
mod fetch;
mod ignore;
mod installers;
mod label_type;
mod npm;
mod package_cache;
mod packages;
mod pins;
mod pip;
mod plain;
mod program;
mod repeated;
mod rpm;
mod shipping;
mod stage_sources;
mod words;

hullmark_sdk::plugin! {
    name: "dockerfile",
    summary: "Dockerfiles: stages, variables, and what is copied from where.",
    rules: [
        add_instead_of_copy,
        apk_cache_kept,
        apk_unpinned_package,
        apt_instead_of_apt_get,
        apt_lists_kept,
        apt_unpinned_package,
        apt_with_recommends,
        apt_without_yes,
        build_tools_in_final_stage,
        cd_in_run,
        chown_layer,
        consecutive_run,
        constant_platform,
        copied_archive,
        copy_before_install,
        copy_from_own_stage,
        copy_from_unknown_stage,
        copy_ignored_file,
        copy_whole_filesystem,
        curl_and_wget,
        definition_description,
        dev_dependencies,
        disabled_tls_verification,
        dist_upgrade,
        dnf_cache_kept,
        dnf_unpinned_package,
        dnf_without_yes,
        duplicate_stage_name,
        empty_continuation,
        env_self_reference,
        exposed_ssh,
        from_as_casing,
        gem_unpinned_package,
        go_unpinned_package,
        inconsistent_casing,
        invalid_default_arg,
        invalid_expose_format,
        invalid_label_key,
        invalid_label_value,
        invalid_port,
        legacy_key_value,
        linked_shell,
        maintainer,
        missing_dockerignore,
        missing_label,
        multiple_cmd,
        multiple_entrypoint,
        multiple_healthcheck,
        multiple_sources_without_slash,
        npm_install,
        npm_unpinned_package,
        pip_cache_kept,
        pip_unpinned_package,
        pointless_command,
        port_protocol_casing,
        redundant_target_platform,
        relative_copy_destination,
        relative_workdir,
        reserved_stage_name,
        service_started_in_build,
        shell_form_command,
        stage_name_casing,
        sudo,
        system_workdir,
        unchecked_pipe,
        undefined_arg_in_from,
        undefined_variable,
        unknown_label,
        unverified_download,
        unverified_packages,
        update_alone,
        user_password,
        useradd_high_uid,
        wget_progress,
        yarn_cache_kept,
        yum_cache_kept,
        yum_unpinned_package,
        yum_without_yes,
        zypper_cache_kept,
        zypper_unpinned_package,
        zypper_without_yes,
    ],
}
