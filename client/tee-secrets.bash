# SPDX-License-Identifier: Apache-2.0
# bash completion for tee-secrets: the words of commands and their flags, as `tee-secrets help` lists
# them; nothing is asked of a server.

_tee_secrets_commands() {
    "$1" help ${2:+"$2"} 2>/dev/null | sed -n 's/^  \([a-z][a-z -]*[a-z]\)   *.*/\1/p'
}

_tee_secrets_flags() {
    "$@" -help 2>/dev/null | sed -n 's/^  \(-[a-z-]*=\{0,1\}\).*/\1/p'
}

# The values of a flag of `evidence`; readline gives `-flag=value` as three words.
_tee_secrets_evidence_values() {
    local word=${COMP_WORDS[COMP_CWORD]} at=$((COMP_CWORD - 1)) values

    if [[ $word == '=' ]]; then word=''; elif [[ ${COMP_WORDS[at]} == '=' ]]; then at=$((at - 1)); fi
    case ${COMP_WORDS[at]} in
    -format | --format) values='nitro snp sgx tdx az-snp-vtpm maa sim-v1 table json' ;;
    -evidence-format | --evidence-format) values='nitro snp sgx tdx az-snp-vtpm maa sim-v1' ;;
    -output | --output) values='table json' ;;
    -format-in | --format-in) values='bin hex base64' ;;
    -allow-tcb | --allow-tcb)
        values='any SWHardeningNeeded ConfigurationNeeded ConfigurationAndSWHardeningNeeded OutOfDate
            OutOfDateConfigurationNeeded TDRelaunchAdvised TDRelaunchAdvisedConfigurationNeeded unknown' ;;
    -collateral | --collateral | -jwks | --jwks | -public-key | --public-key | -statement | --statement | -sim-root | --sim-root)
        compopt -o default
        return 0 ;;
    *) return 1 ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$values" -- "$word")
}

_tee_secrets() {
    local program=${COMP_WORDS[0]} word=${COMP_WORDS[COMP_CWORD]} i
    local -a command=()

    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i]} == -* || ${COMP_WORDS[i]} == '=' ]] || command+=("${COMP_WORDS[i]}")
    done
    if [[ ${command[0]-} == evidence ]] && _tee_secrets_evidence_values; then return; fi
    if [[ $word == -* && ${#command[@]} -gt 0 ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_tee_secrets_flags "$program" "${command[@]:0:3}")" -- "$word")
        [[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace
        return
    fi
    local prefix=${command[*]}
    local words
    words=$(_tee_secrets_commands "$program" "${command[0]-}" \
        | sed -n "s/^${prefix:+$prefix }\([a-z-]*\).*/\1/p" | sort -u)
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    if [[ ${#COMPREPLY[@]} -eq 0 ]]; then
        compopt -o default
        [[ $word == *=@* ]] && mapfile -t COMPREPLY < <(compgen -P "${word%%@*}@" -f -- "${word#*=@}")
    fi
}

complete -F _tee_secrets tee-secrets
