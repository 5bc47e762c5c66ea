# SPDX-License-Identifier: Apache-2.0
# C without comments and without the insides of strings; prints FILE:LINE:text, so that a grep on
# it finds code only.  A // comment is kept as "//" for the lint that looks for it.
FNR == 1 { open = 0 }
{
    rest = $0
    code = ""
    while (rest != "") {
        if (open) {
            at = index(rest, "*/")
            if (at == 0) { rest = ""; break }
            rest = substr(rest, at + 2)
            open = 0
            continue
        }
        if (!match(rest, /["']|\/\*|\/\//)) { code = code rest; break }
        code = code substr(rest, 1, RSTART - 1)
        what = substr(rest, RSTART, RLENGTH)
        rest = substr(rest, RSTART + RLENGTH)
        if (what == "/*") { open = 1; code = code " "; continue }
        if (what == "//") { code = code "//"; break }
        while (rest != "" && substr(rest, 1, 1) != what)
            rest = substr(rest, substr(rest, 1, 1) == "\\" ? 3 : 2)
        code = code what what
        rest = substr(rest, 2)
    }
    print FILENAME ":" FNR ":" code
}
