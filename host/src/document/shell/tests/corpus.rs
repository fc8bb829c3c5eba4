//! Real Dockerfiles: lines as people write them, and, where a folder of files lies beside the project, those.

use super::*;

/// Lines as they stand in real files, each with its commands.
const LINES: [(&str, &[&str]); 14] = [
    (
        "apt-get update && apt-get install -y --no-install-recommends \\\n    curl=7.* \\\n    # why\n    ca-certificates \\\n && rm -rf /var/lib/apt/lists/*",
        &[
            "apt-get·update",
            "&& apt-get·install·-y·--no-install-recommends·curl=7.*·ca-certificates",
            "&& rm·-rf·/var/lib/apt/lists/*",
        ],
    ),
    (
        "set -eux; \\\n\tapkArch=\"$(apk --print-arch)\"; \\\n\tcase \"$apkArch\" in \\\n\t\tx86_64) a=1 ;; \\\n\t\t*) echo >&2 \"error: $apkArch\"; exit 1 ;; \\\n\tesac; \\\n\twget -O go.tgz \"$url\"",
        &[
            "set·-eux",
            ";  apkArch=<\"$(apk --print-arch)\">",
            "apk·--print-arch ^1",
            ";  a=1",
            "echo·<\"error: $apkArch\"> >&2",
            "; exit·1",
            "; wget·-O·go.tgz·<\"$url\">",
        ],
    ),
    (
        "curl -fsSL https://deb.nodesource.com/setup_20.x | bash - && apt-get install -yqq nodejs",
        &["curl·-fsSL·https://deb.nodesource.com/setup_20.x", "| bash·-", "&& apt-get·install·-yqq·nodejs"],
    ),
    (
        "savedAptMark=\"$(apt-mark showmanual)\" \\\n && find /usr/local -type f -executable -exec ldd '{}' ';' | awk '/=>/ { print $(NF-1) }' | sort -u | xargs -r apt-mark manual",
        &[
            " savedAptMark=<\"$(apt-mark showmanual)\">",
            "apt-mark·showmanual ^0",
            "&& find·/usr/local·-type·f·-executable·-exec·ldd·{}·;",
            "| awk·/=>/ { print $(NF-1) }",
            "| sort·-u",
            "| xargs·-r·apt-mark·manual",
        ],
    ),
    (
        "ARCH= && dpkgArch=\"$(dpkg --print-architecture)\" && case \"${dpkgArch##*-}\" in amd64) ARCH='x64';; *) exit 1 ;; esac",
        &[
            " ARCH=",
            "&&  dpkgArch=<\"$(dpkg --print-architecture)\">",
            "dpkg·--print-architecture ^1",
            "&&  ARCH=x64",
            "exit·1",
        ],
    ),
    (
        "for key in A B; do { gpg --batch --recv-keys \"$key\" && gpg --fingerprint \"$key\"; } || exit 1; done",
        &["gpg·--batch·--recv-keys·<\"$key\">", "&& gpg·--fingerprint·<\"$key\">", "|| exit·1"],
    ),
    (
        "echo \"deb [arch=$(dpkg --print-architecture)] x\" | tee /etc/apt/a.list > /dev/null",
        &[
            "echo·<\"deb [arch=$(dpkg --print-architecture)] x\">",
            "dpkg·--print-architecture ^0",
            "| tee·/etc/apt/a.list >/dev/null",
        ],
    ),
    ("--mount=type=cache,target=/root/.cache pip install -r a.txt", &["pip·install·-r·a.txt"]),
    ("npm ci --only=production; npm cache clean --force", &["npm·ci·--only=production", "; npm·cache·clean·--force"]),
    ("if [ \"$A\" = 1 ] ; then cd /x && make ; else : ; fi", &["[·<\"$A\">·=·1·]", "cd·/x", "&& make", ":"]),
    (
        "(cd /a && ./configure) && sudo make -j`nproc` install",
        &["cd·/a", "&& ./configure", "&& sudo·make·<-j`nproc`>·install", "nproc ^2"],
    ),
    (
        "echo 'a' >> b; printf '%s\\n' \"x\" \"y\" 1>&2 2>/dev/null || true",
        &["echo·a >>b", "; printf·%s\\n·x·y 1>&2 2>/dev/null", "|| true"],
    ),
    (
        "/bin/bash -c \"source /opt/a.sh && pip install b\"",
        &["/bin/bash·-c·source /opt/a.sh && pip install b", "source·/opt/a.sh ^0", "&& pip·install·b ^0"],
    ),
    (
        "sed -i 's/a/b/g; s|c|d|' /e && chmod +x /f{1,2} && ln -s /g /h",
        &["sed·-i·s/a/b/g; s|c|d|·/e", "&& chmod·+x·/f{1,2}", "&& ln·-s·/g·/h"],
    ),
];

#[test]
fn real_lines_give_their_commands() {
    for (script, expected) in LINES {
        assert_eq!(run(script), expected, "{script}");
    }
}

/// The Dockerfiles that lie beside the project; none where there are none.
fn dockerfiles() -> Vec<String> {
    let above = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().skip(1);
    let Some(corpus) = above.map(|folder| folder.join("shared/corpus")).find(|folder| folder.is_dir()) else {
        return Vec::new();
    };
    let mut open = vec![corpus.join("dockerfiles"), corpus.join("guides")];
    let mut texts = Vec::new();
    while let Some(path) = open.pop() {
        if let Ok(folder) = std::fs::read_dir(&path) {
            open.extend(folder.filter_map(Result::ok).map(|entry| entry.path()));
        } else if path.file_name().is_some_and(|name| name.to_string_lossy().contains("ockerfile")) {
            texts.extend(std::fs::read_to_string(&path));
        }
    }
    texts
}

#[test]
fn nearly_all_that_people_write_is_understood() {
    let (mut scripts, mut odd) = (0, Vec::new());
    for text in dockerfiles() {
        let document = parse(&text);
        let rows = &commands(&document).scripts;
        scripts += rows.nodes.len();
        let partial = (0..rows.nodes.len()).filter(|&row| rows.states[row] == state::PARTIAL);
        odd.extend(
            partial.map(|row| document.source.slice(Span::new(rows.known_ends[row], rows.ends[row])).to_owned()),
        );
    }
    assert!(odd.len() * 1000 <= scripts * 2, "{} of {scripts}: {odd:#?}", odd.len());
}
