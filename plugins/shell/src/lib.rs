//! Shell text: what RUN, CMD, ENTRYPOINT and HEALTHCHECK run.

mod base;
mod dialect;
mod directories;
mod list;
mod shellcheck;
mod values;
mod words;

hullmark_sdk::plugin! {
    name: "shell",
    summary: "Shell text: what RUN, CMD, ENTRYPOINT and HEALTHCHECK run.",
    rules: [
        and_or_as_if,
        backticks,
        bashism,
        cd_and_back,
        deprecated_grep,
        echo_escapes,
        find_into_xargs,
        glob_as_option,
        indirect_exit_status,
        inner_quotes,
        loop_over_output,
        lost_variable,
        masked_exit_status,
        misordered_redirection,
        misspelled_variable,
        mkdir_mode_with_parents,
        parsed_ls,
        piped_download,
        read_and_written_file,
        read_without_raw,
        single_iteration_loop,
        single_quoted_variable,
        sudo_redirection,
        system_removal,
        test_and_or,
        unchecked_cd,
        unguarded_removal,
        unquoted_arguments,
        unquoted_find_pattern,
        unquoted_substitution,
        unquoted_variable,
        useless_echo,
        world_writable,
    ],
}
