"""The scripts themselves: what bash, zsh and fish have to be told to complete ``adwarden``.

What comes from elsewhere (names, texts of help) is only ever a quoted word in them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adwarden.cli.completion_words import FILES, Command, Word
from adwarden.cli.quick import NAMES

# bash


def bash(all_commands: Sequence[Command]) -> str:
    """Return the script for bash."""
    top, *rest = all_commands
    values = "\n".join(line for one in all_commands for line in _bash_values(one))
    first = "\n".join(
        f"        {one.name}) offered={_quoted(' '.join(one.options))};{_bash_first(one)} ;;"
        for one in rest
    )
    skipped = "|".join(name for word in top.words if word.takes for name in word.names)
    offered = " ".join((*top.options, *(one.name for one in rest)))
    return _BASH.format(
        values=values, first=first, skipped=skipped, offered=_quoted(offered), names=NAMES
    )


def _bash_values(command: Command) -> Iterator[str]:
    for word in command.words:
        if not word.names or not word.takes:
            continue
        pattern = "|".join(f"'{command.name} {name}'" for name in word.names)
        if word.offered == FILES:
            act = "_adwarden_files"
        elif word.offered:
            act = f"_adwarden_names {word.offered}"
        else:
            act = f'COMPREPLY=($(compgen -W {_quoted(word.values)} -- "$current"))'
        yield f"        {pattern}) {act}; return ;;"


def _bash_first(command: Command) -> str:
    places = [word for word in command.words if not word.names]
    said = "".join(f" more={_bash_act(word.offered)}" for word in places if word.offered)
    choices = " ".join(word.values for word in places if word.choices)
    return said + (f' offered="$offered "{_quoted(choices)}' if choices else "")


def _bash_act(offered: str) -> str:
    return "_adwarden_files" if offered == FILES else f"'_adwarden_names {offered}'"


# zsh


def zsh(all_commands: Sequence[Command]) -> str:
    """Return the script for zsh."""
    top, *rest = all_commands
    listed = "\n".join(f"        {_quoted(f'{one.name}:{one.about}')}" for one in rest)
    cases = "\n".join(
        f"        {one.name})\n            _arguments -S {_zsh_words(one)} ;;" for one in rest
    )
    return _ZSH.format(top=_zsh_words(top), listed=listed, cases=cases, names=NAMES)


def _zsh_words(command: Command) -> str:
    lines = []
    for word in command.words:
        act = _zsh_act(word)
        about = _zsh_plain(word.about)
        after = f":{word.takes}:{act}" if word.takes else ""
        if word.names:
            lines += [_quoted(f"{name}[{about}]{after}") for name in word.names]
        else:
            lines.append(_quoted(f":{about}:{act}"))
    if command.name == "run":
        lines.append(_quoted("*::command:_normal"))
    return " \\\n            ".join(lines)


def _zsh_act(word: Word) -> str:
    if word.offered:
        return "_files" if word.offered == FILES else f"_adwarden_{word.offered}"
    if not any(about for _, about in word.choices):
        # Also where anything goes: a mere message would keep options from completing.
        return f"({word.values})"
    told = (f'{value}\\:"{_zsh_plain(about)}"' for value, about in word.choices)
    return f"(({' '.join(told)}))"


def _zsh_plain(text: str) -> str:
    for char in "\\[]:":
        text = text.replace(char, f"\\{char}")
    return text


# fish


def fish(all_commands: Sequence[Command]) -> str:
    """Return the script for fish."""
    top, *rest = all_commands
    lines = [_FISH.format(names=NAMES)]
    for word in top.words:
        lines += _fish_word("__fish_use_subcommand", word)
    for one in rest:
        about = _quoted(one.about)
        lines.append(f"complete -c adwarden -n __fish_use_subcommand -a {one.name} -d {about}")
    for one in rest:
        # Behind the dashes everything is another program's.
        when = f"'__fish_seen_subcommand_from {one.name}; and not __adwarden_behind'"
        for word in one.words:
            lines += _fish_word(when, word)
    return "\n".join(lines) + "\n"


def _fish_word(when: str, word: Word) -> Iterator[str]:
    start = f"complete -c adwarden -n {when}"
    files = word.offered == FILES
    values = f" -a {_fish_values(word)}" if word.choices else ""
    if word.offered and not files:
        values = f" -a '(__adwarden_names {word.offered})'"
    if not word.names:
        if files or values:
            yield f"{start}{' -F' if files else values}"
        return
    names = "".join(
        f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}" for name in word.names
    )
    takes = f" -x{values}" if word.takes else ""
    yield f"{start}{names}{' -r -F' if files else takes} -d {_quoted(word.about)}"


def _fish_values(word: Word) -> str:
    told = (
        f"{value}\\t'{about.replace(chr(39), '’')}'" if about else value
        for value, about in word.choices
    )
    return f'"{" ".join(told)}"'


_BASH = """\
# Completion of adwarden for bash, as `adwarden completion bash` prints it.
_adwarden() {{
    local program=$1 current=$2 before=${{COMP_WORDS[COMP_CWORD-1]}}
    local command= end=0 more= offered= at
    local -a around=()
    COMPREPLY=()
    if [[ $before == @ ]]; then
        # To bash an @ is a word of its own.
        [[ $current == @* ]] || current=@$current
        before=${{COMP_WORDS[COMP_CWORD-2]}}
    fi
    for ((at = 1; at < COMP_CWORD; at++)); do
        case ${{COMP_WORDS[at]}} in
        --) end=$at; break ;;
        {skipped})
            if [[ ! $command ]]; then
                [[ ${{COMP_WORDS[at+1]}} == = ]] && ((at++))
                around+=(--data-dir "${{COMP_WORDS[at+1]}}")
                ((at++))
            fi ;;
        --practice) [[ $command ]] || around+=(--practice) ;;
        -*) ;;
        *) [[ $command ]] || command=${{COMP_WORDS[at]}} ;;
        esac
    done
    if ((end)); then
        # What comes now is another program's.
        if [[ $command == run ]] && declare -F _command_offset >/dev/null; then
            _command_offset $((end + 1))
        elif [[ $command == run ]] && ((COMP_CWORD == end + 1)); then
            COMPREPLY=($(compgen -c -- "$current"))
        else
            _adwarden_files
        fi
        return
    fi
    case "$command $before" in
{values}
    esac
    case $command in
        '') offered={offered} ;;
{first}
    esac
    COMPREPLY=($(compgen -W "$offered" -- "$current"))
    if [[ $more && $current != -* ]]; then
        $more
    fi
}}
_adwarden_files() {{
    local IFS=$'\\n'
    COMPREPLY+=($(compgen -f -- "$current"))
    compopt -o filenames 2>/dev/null
}}
_adwarden_names() {{
    local one quote=${{COMP_WORDS[COMP_CWORD]:0:1}}
    while IFS=$'\\t' read -r one _; do
        # Within quotes a name stands as it is.
        case $quote in "'"|'"') ;; *) printf -v one %q "$one" ;; esac
        [[ $one == "$current"* ]] && COMPREPLY+=("$one")
    done < <("$program" ${{around[@]+"${{around[@]}}"}} {names} "$1" -- "$current" 2>/dev/null)
}}
complete -F _adwarden adwarden
"""

_ZSH = """\
#compdef adwarden
# Completion of adwarden for zsh, as `adwarden completion zsh` prints it.
_adwarden() {{
    local curcontext=$curcontext state line program=$words[1]
    local -a listed around
    local -A opt_args
    listed=(
{listed}
    )
    _arguments -C {top} \\
            '1:command:->command' \\
            '*::word:->word'
    (( $+opt_args[--practice] )) && around+=(--practice)
    (( $+opt_args[--data-dir] )) && around+=(--data-dir ${{(Q)opt_args[--data-dir]}})
    case $state in
    command) _describe -t commands command listed ;;
    word)
        case $words[1] in
{cases}
        esac ;;
    esac
}}
_adwarden_names() {{
    local -a found names abouts
    local kind=$1
    shift
    found=(${{(f)"$($program $around {names} $kind -- $PREFIX 2>/dev/null)"}})
    names=(${{found%%$'\\t'*}})
    abouts=(${{found/$'\\t'/  }})
    compadd "$@" -l -d abouts -a names
}}
_adwarden_connections() {{ _adwarden_names connections "$@" }}
_adwarden_accounts() {{ _adwarden_names accounts "$@" }}
if [[ $funcstack[1] == _adwarden ]]; then
    _adwarden "$@"
else
    compdef _adwarden adwarden
fi
"""


_FISH = """\
# Completion of adwarden for fish, as `adwarden completion fish` prints it.
function __adwarden_names
    set -l words (commandline -opc)
    set -l around
    for at in (seq 2 (count $words))
        switch $words[$at]
            case --practice
                set -a around --practice
            case --data-dir
                set -a around --data-dir $words[(math $at + 1)]
            case '--data-dir=*'
                set -a around --data-dir (string replace -- '--data-dir=' '' $words[$at])
        end
    end
    command $words[1] $around {names} $argv -- (commandline -ct) 2>/dev/null
end
function __adwarden_behind
    contains -- -- (commandline -opc)
end
function __adwarden_theirs
    set -l words (commandline -opc)
    set -l end (contains -i -- -- $words)
    complete -C (string join ' ' -- (string escape -- $words[(math $end + 1)..]) (commandline -ct))
end
complete -c adwarden -f
complete -c adwarden -n '__adwarden_behind; and __fish_seen_subcommand_from run' \
    -a '(__adwarden_theirs)'"""


def _quoted(text: str) -> str:
    """Return a text as one word of any of the three shells, whatever is in it."""
    return "'" + text.replace("'", "’") + "'"
