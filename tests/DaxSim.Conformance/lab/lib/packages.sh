# Finds and unpacks kernel packages. Sourced by ../run; uses $cache and $suites, and the machine's own apt sources.

# The mirror that this machine's apt already uses; $1 is "main" or "security".
mirror_of() {
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        awk -v kind="$1" '/debian/ && (kind == "security") == ($1 ~ /security/) { print; exit }'
}

# apt with a state of its own, so that further suites neither need root nor change the machine.
apt_options=()
use_suites() {
    [ -n "$suites" ] || return 0
    local state=$cache/apt suite uri key
    mkdir -p "$state/lists/partial" "$state/archives/partial"
    key=$(ls /usr/share/keyrings/debian-archive-keyring.* 2>/dev/null | head -n 1)
    : > "$state/sources.list"
    for suite in ${suites//,/ }; do
        case $suite in *-security) uri=$(mirror_of security) ;; *) uri=$(mirror_of main) ;; esac
        [ -n "$uri" ] || missing "this machine's apt names no mirror that could hold '$suite'."
        echo "deb [signed-by=$key] $uri $suite main" >> "$state/sources.list"
    done
    apt_options=(-o "Dir::Etc::sourcelist=$state/sources.list" -o Dir::Etc::sourceparts=/dev/null -o "Dir::State::lists=$state/lists" -o "Dir::Cache=$state" -o APT::Sandbox::User=root)
    if ! cmp -s "$state/sources.list" "$state/lists/of"; then
        echo "Reading the package lists of $suites ..." >&2
        apt-get "${apt_options[@]}" -q -o Acquire::Retries=3 update >&2 || missing "apt-get update failed for $suites."
        cp "$state/sources.list" "$state/lists/of"
    fi
}

# The releases that can be fetched, oldest first.
list_kernels() {
    apt-cache "${apt_options[@]}" search --names-only '^linux-image-[0-9].*-cloud-amd64$' |
        sed 's/^linux-image-\([^ ]*\) .*/\1/' | grep -E '^[0-9]+\.[0-9]+\.[0-9]+' | sort -V
}

# The newest release that begins with $1: a whole release (6.1.0-56-cloud-amd64) or its beginning (6.12, 6.12.107+deb13).
find_kernel() {
    local wanted=$1 found
    found=$(list_kernels | awk -v w="$wanted" 'index($0, w) == 1 { rest = substr($0, length(w) + 1); if (rest == "" || rest ~ /^[-.+]/) hit = $0 } END { print hit }')
    [ -n "$found" ] || missing "no package linux-image-$wanted...-cloud-amd64 is known to apt; '$0 --list' shows what there is, --suite adds other suites."
    echo "$found"
}

# The upstream version that a package was built from: 6.1.192-2 gives 6.1.192.
upstream_version() {
    apt-cache "${apt_options[@]}" show "linux-image-$1" 2>/dev/null | sed -n 's/^Version: \([0-9]*:\)\{0,1\}\([0-9][0-9.]*[0-9]\).*/\2/p' | head -n 1
}

# Downloads package $2 of release $1 into directory $3 where the mirror still has the file but no index names it any more, as happens to the parts of a
# kernel that a newer one replaced. Nothing vouches for such a file: the recording it leads to is compared with those of other kernels.
fetch_unlisted() {
    local listed version
    listed=$(apt-get "${apt_options[@]}" -q --print-uris download "linux-image-$1" 2>/dev/null | sed -n "s/^'\([^']*\)'.*/\1/p" | head -n 1)
    version=$(apt-cache "${apt_options[@]}" show "linux-image-$1" 2>/dev/null | sed -n 's/^Version: \([0-9]*:\)\{0,1\}//p' | head -n 1)
    [ -n "$listed" ] && [ -n "$version" ] || return 1
    /usr/lib/apt/apt-helper "${apt_options[@]}" -o APT::Sandbox::User=root download-file "${listed%%/pool/*}/pool/main/l/linux/$2_${version}_amd64.deb" "$3/$2.deb" >&2
}

# Downloads and unpacks the packages of release $1 into $cache/kernels/$1: boot/vmlinuz-$1 and lib/modules/$1.
fetch_kernel() {
    local release=$1 target=$cache/kernels/$1 work package packages kernel
    [ -e "$target/complete" ] && return 0
    rm -rf "$target"
    mkdir -p "$target/boot"
    # Newer releases are split: the image package only names those that hold the files.
    packages="linux-image-$release $(apt-cache "${apt_options[@]}" show "linux-image-$release" 2>/dev/null |
        sed -n 's/^Depends: //p' | tr ',|' '\n\n' | sed 's/^ *//; s/ .*//' | grep -xE "linux-(base|binary|modules)-${release//+/\\+}" | sort -u | tr '\n' ' ')"
    work=$(mktemp -d "$cache/fetch.XXXXXX")
    for package in $packages; do
        # What a mirror has dropped is only missed if the files are missing below.
        (cd "$work" && apt-get "${apt_options[@]}" -q -o Acquire::Retries=3 -o APT::Sandbox::User=root download "$package" >&2) ||
            fetch_unlisted "$release" "$package" "$work" || echo "lab: $package cannot be downloaded." >&2
    done
    compgen -G "$work/*.deb" >/dev/null || { rm -rf "$work"; missing "no package of $release can be downloaded."; }
    for package in "$work"/*.deb; do
        dpkg-deb -x "$package" "$target" || { rm -rf "$work"; fail "$(basename "$package") cannot be unpacked."; }
    done
    rm -rf "$work"
    # Debian 13 keeps modules below usr/.
    [ -d "$target/lib/modules" ] || { mkdir -p "$target/lib" && mv "$target/usr/lib/modules" "$target/lib/modules"; } || missing "the packages of $release hold no modules."
    kernel=$(find "$target" -type f -name 'vmlinuz*' | head -n 1)
    [ -n "$kernel" ] || missing "the packages of $release hold no kernel."
    [ "$kernel" = "$target/boot/vmlinuz-$release" ] || cp "$kernel" "$target/boot/vmlinuz-$release"
    upstream_version "$release" > "$target/upstream"
    depmod -b "$target" "$release" 2>/dev/null || fail "depmod failed for $release."
    touch "$target/complete"
}
