# bash completion for tracegate; verbs and options come from the program.
# shellcheck shell=bash disable=SC2207
_tracegate()
{
	local cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]:-}

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		COMPREPLY=($(compgen -W "$(tracegate help 2>/dev/null |
		    awk '/^  [a-z]/ { print $1 }')" -- "$cur"))
	elif [ "${cur#-}" != "$cur" ]; then
		COMPREPLY=($(compgen -W "$(tracegate help "$verb" 2>/dev/null |
		    grep -oE -- '--[a-z][a-z-]+' | sort -u)" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _tracegate tracegate
