#!/usr/bin/env bash
# The steps of action.yml: `install` and `check`. Every input comes in a variable, so that none of it is ever read as code.
# Runs on bash 3.2, which macOS has, and on that of Git for Windows.
set -euo pipefail

# Says why, as an annotation, and ends the job.
fail() {
  local text=${1//'%'/%25}
  text=${text//$'\r'/%0D}
  echo "::error title=hullmark::${text//$'\n'/%0A}" >&2
  exit 2
}

# Hands a value to the later steps.
output() {
  case $2 in *$'\n'*) fail "\`$1\` must be one line" ;; esac
  echo "$1=$2" >> "$GITHUB_OUTPUT"
}

# The platform that a release is built for.
platform() {
  case $RUNNER_OS-$RUNNER_ARCH in
    Linux-X64) echo x86_64-unknown-linux-gnu ;;
    Linux-ARM64) echo aarch64-unknown-linux-gnu ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
    *) fail "there is no release for $RUNNER_OS on $RUNNER_ARCH: give the path of your own build in \`executable\`" ;;
  esac
}

sha256() {
  if command -v sha256sum > /dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# The program: one that is there already, or a release whose checksum is known before it is fetched.
install() {
  if [[ -n $INPUT_EXECUTABLE ]]; then
    output executable "$INPUT_EXECUTABLE"
    return
  fi
  local version=$INPUT_VERSION wanted=$INPUT_CHECKSUM platform name folder found program=hullmark
  [[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "\`$version\` is no version: write it as 0.1.0"
  platform=$(platform) || exit
  [[ $RUNNER_OS != Windows ]] || program=hullmark.exe
  name=hullmark-$version-$platform.tar.gz
  if [[ -z $wanted ]]; then
    wanted=$(awk -v name="$name" '$2 == name { print $1 }' "$(dirname "$0")/checksums.txt")
  fi
  [[ $wanted =~ ^[0-9a-f]{64}$ ]] || fail "the checksum of $name is not known: give its SHA-256 in \`checksum\`"
  folder=$RUNNER_TEMP/hullmark-$version
  mkdir -p "$folder"
  curl --fail --silent --show-error --location --retry 3 --proto '=https' --output "$folder/$name" \
    "$GITHUB_SERVER_URL/$ACTION_REPOSITORY/releases/download/v$version/$name" \
    || fail "$name cannot be fetched"
  found=$(sha256 < "$folder/$name")
  if [[ $found != "$wanted" ]]; then
    rm -f "$folder/$name"
    fail "$name has the checksum $found, and it should be $wanted: it was not used"
  fi
  # By its name alone: tar takes what stands before the colon of a path of Windows for another machine.
  (cd "$folder" && tar -xzf "$name")
  [[ -f $folder/$program ]] || fail "$name has no $program in it"
  output executable "$folder/$program"
}

# Whether the token of this run may upload to code scanning. That of a pull request from a fork may only read.
may_upload() {
  case $INPUT_UPLOAD in
    true) return 0 ;;
    false) return 1 ;;
    auto) [[ $GITHUB_EVENT_NAME != pull_request || $HEAD_REPOSITORY == "$GITHUB_REPOSITORY" ]] ;;
    *) fail "\`upload\` is auto, true or false, not \`$INPUT_UPLOAD\`" ;;
  esac
}

# Checks, writes SARIF and the step summary, and says what is to be done with them.
check() {
  local arguments=() line upload=true format=text code=0
  local sarif=$RUNNER_TEMP/hullmark.sarif summary=$RUNNER_TEMP/hullmark.md
  # One argument a line, then one path a line; whatever a path begins with, it is a path.
  while IFS= read -r line; do [[ -z $line ]] || arguments+=("$line"); done <<< "$INPUT_ARGS"
  arguments+=(--)
  while IFS= read -r line; do [[ -z $line ]] || arguments+=("$line"); done <<< "$INPUT_PATHS"
  if ! may_upload; then
    upload=false
    format=github
  fi
  rm -f "$sarif" "$summary"
  # Git for Windows would take a pattern such as `/vendor/` for one of its own folders.
  MSYS_NO_PATHCONV=1 MSYS2_ARG_CONV_EXCL='*' \
    "$EXECUTABLE" check --format "$format" --output "sarif=$sarif" --output "markdown=$summary" "${arguments[@]}" || code=$?
  [[ ! -f $summary ]] || cat "$summary" >> "$GITHUB_STEP_SUMMARY"
  # Code scanning would close the alerts of what was not checked.
  if [[ ! -f $sarif || $code -ne 0 && $code -ne 1 && ! ($code -eq 3 && $INPUT_UPLOAD_INCOMPLETE == true) ]]; then
    upload=false
  fi
  output sarif "$sarif"
  output exit-code "$code"
  output upload "$upload"
}

case ${1-} in
  install | check) "$1" ;;
  *) fail "usage: steps.sh install | check" ;;
esac
