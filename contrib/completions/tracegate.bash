# bash completion for tracegate; verbs, their words and options come from the
# program.
# shellcheck shell=bash disable=SC2207
_tracegate()
{
	local cur=${COMP_WORDS[COMP_CWORD]} verb=${COMP_WORDS[1]:-} words=

	COMPREPLY=()
	if [ "$COMP_CWORD" -eq 1 ]; then
		words=$(tracegate help 2>/dev/null | awk '/^  [a-z]/ { print $1 }')
	elif [ "${cur#-}" != "$cur" ]; then
		words=$(tracegate help "$verb" 2>/dev/null |
		    grep -oE -- '^  .{4}--[a-z][a-z-]+' | grep -oE -- '--.*')
	elif [ "$COMP_CWORD" -eq 2 ]; then
		words=$(tracegate help "$verb" 2>/dev/null |
		    sed -nE 's/^(usage:|      ) tracegate [a-z]+ ([a-z]+).*/\2/p' |
		    sort -u)
	fi
	if [ -n "$words" ]; then
		COMPREPLY=($(compgen -W "$words" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -- "$cur"))
	fi
}
complete -o filenames -F _tracegate tracegate
