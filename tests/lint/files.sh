# SPDX-License-Identifier: Apache-2.0
# Read by the lints: where the tree is and which files are ours.
cd "${srcdir:-.}"
lint=tests/lint

# c_files FOLDER...: the C sources and headers in them, sorted.  A missing folder is no error.
c_files()
{
    for folder in "$@"; do
        if [ -d "$folder" ]; then
            find "$folder" -name '*.[ch]' -type f
        fi
    done | LC_ALL=C sort
}

# all_files: every file of the project, without what a build makes.
all_files()
{
    if [ "$(git rev-parse --show-toplevel 2>/dev/null)" = "$(pwd -P)" ]; then
        git ls-files -co --exclude-standard | while IFS= read -r f; do
            if [ -f "$f" ]; then printf '%s\n' "$f"; fi
        done
    else
        find . -type f ! -path './.git*' ! -path './build*/*' ! -path './autom4te.cache/*' \
            ! -path './m4/l*' ! -path '*/.deps/*' ! -path '*/.libs/*' ! -path './build-aux/*' \
            ! -name '*.o' ! -name '*.l[ao]' ! -name '*.log' ! -name '*.trs' ! -name 'Makefile*' \
            ! -name 'configure' ! -name 'aclocal.m4' ! -name 'config.*' ! -name 'libtool' \
            | sed 's|^\./||'
    fi | LC_ALL=C sort
}
