# The far side of package agent: a POSIX shell that answers requests read from standard input. It opens
# files for reading only, writes nothing but its answers, and ends with its input.
set -f; LC_ALL=C; export LC_ALL; umask 077; exec 2>/dev/null
J='
'
ronda() {
N=$1; L=$2; T=$3; M=$$; IFS=" 	$J"; z=0; o=; D=
[ -e "/proc/$M/fd/0" ] && D=/proc/$M/fd
# S prints device:inode:size:modified of each path that exists, links followed.
S='stat -L -c %d:%i:%s:%Y --'
case $(stat -L -c %.9Y /) in [0-9]*.[0-9]*) S='stat -L -c %d:%i:%s:%.9Y --' ;; esac
stat -L -c %i / >/dev/null || S=st
# B prints :blocks behind that where the host tells them.
B="${S% --}:%b --"; [ "$S" != st ] || B=st
st() { for f do set -- $(ls -dilnL -- "$f"); [ $# -gt 5 ] && echo "0:$1:$6:0"; done; }
# K says what this host can: z gzip, b ls -b, n find -lname, d /proc/PID/fd, a grep keeps NUL bytes, f descriptors beyond 9.
K=; [ "$D" ] && K=d
command -v gzip >/dev/null && K=z$K
ls -b / >/dev/null && K=b$K
find / -maxdepth 0 -lname x >/dev/null && K=n$K
[ "$(printf 'a\0b\n' | grep -a '' | tr '\0' .)" = a.b ] && K=a$K
(eval 'exec 20</dev/null && [ -e /proc/self/fd/20 ]') && K=f$K
for t in dd grep ls tr; do command -v $t >/dev/null || K=$K,$t; done
lk=-ln; case $K in *b*) lk=-lnb ;; esac
# The watchdog: without a renewal for L times T seconds the link is gone and the shell is ended. It looks at
# its parent, not only at a number, so that it can never end another process.
mine() { if read -r a b c d e </proc/self/stat; then [ "$d" = "$M" ]; else kill -0 "$M"; fi; }
( trap 'n=0' USR1; trap 'kill "$s"; exit 0' TERM; trap - PIPE HUP; n=0; s=
  printf '\n%s hi %s -%s\n' "$N" "$M" "$K"; exec </dev/null >/dev/null
  while mine; do
    [ "$n" -lt "$L" ] || { kill "$M"; exit 0; }
    sleep "$T" & s=$!
    while kill -0 "$s"; do wait "$s"; done
    n=$((n+1))
  done ) &
W=$!
# guards tells whether the watchdog still is ours: a signal must never reach another process under its number.
guards() { [ ! "$D" ] || { read -r a b c d e <"/proc/$W/stat" && [ "$d" = "$M" ]; }; }
trap 'guards && kill "$W"' EXIT; trap 'exit 1' PIPE HUP
# reg ID OP WORD…: keeps a request as text for eval. A word is plain, or =octal, or ~octal for a pattern.
reg() {
  i=$1; shift; w=; k=0
  for a do
    case $a in
    [=~]*) k=$((k+1)); v=$(printf '%bx' "${a#?}"); eval "v${i}_$k=\${v%x}"
      case $a in =*) w="$w \"\$v${i}_$k\"" ;; *) w="$w \$v${i}_$k" ;; esac ;;
    *) w="$w $a" ;;
    esac
  done
  eval "q$i=\$w; l$i="
}
# say: sends the answer in x, with what was held back in o before it.
say() {
  if [ $z = 1 ] && [ ${#x} -ge 2048 ]; then
    printf '%s~\n' "$o"; printf %s "$x" | gzip -1c; printf '\n%s e\n' "$N"
  else printf '%s:%s\n%s\n' "$o" ${#x} "$x"; fi
  o=
}
# answer ID: sends x, or the sign that it is what it was the last time, or that it is too long.
answer() {
  [ ${#x} -le 8000000 ] || x=!
  eval "y=\$l$1"
  if [ "$x" = "$y" ]; then o="$o=$J"; return; fi
  if [ ${#x} -le 65536 ]; then eval "l$1=\$x"; else eval "l$1="; fi
  say
}
call() {
  i=$1; eval "w=\$q$i"; IFS=; set +f; eval "set -- $w"; set -f; IFS=" 	$J"
  op=$1; shift; x=+
  case $op in
  o) open "$@" ;;
  c) eval "exec $1<&-"; return ;;
  p) data "$@"; return ;;
  l) siblings "$@" ;;
  s) existing "$@" ;;
  r) small "$@" ;;
  R) bounded "$@" ;;
  k) x="+$J$(ls $lk -- /dev/null "$@")" ;;
  w) holders "$@" ;;
  esac
  answer $i
}
# open FD PATH
open() {
  if [ -e "$2" ] && [ ! -f "$2" ]; then x=irregular; return; fi
  if eval "command exec $1<\"\$2\""; then
    if [ "$D" ]; then x="+$J$($S "$D/$1")"; else x="+$J$($S "$2")"; fi
    [ "$3" = path ] && eval "exec $1<&-"
    return
  fi
  x="-$( { eval "command exec $1<\"\$2\""; } 2>&1 )"
}
# find9 PATH IDENT: opens as descriptor 9 the file that was opened as PATH, there or rotated away.
find9() {
  set +f; set -- "$2" "$1" "$1"?*; set -f
  d=$1; shift
  for f do
    [ -f "$f" ] || continue
    a=$($S "$f"); [ "${a%:*:*}" = "$d" ] && command exec 9<"$f" && return 0
  done
  return 1
}
# data FD PATH OFFSET LIMIT [IDENT]: FD 9 is for the moment only.
data() {
  g=$D/$1
  if [ "$1" = 9 ]; then
    find9 "$2" "$5" || { x=gone; answer $i; return; }
    [ "$D" ] || g=$f
  fi
  [ -e "$g" ] || { x=gone; answer $i; return; }
  x=$($S "$g" "$2"); b=${x%%"$J"*}; b=${b#*:*:}; n=$((${b%%:*}-$3)); x="0 0$J$x"
  [ $n -gt $4 ] && n=$4
  if [ $n -gt 0 ]; then
    b=64; [ $n -gt 8192 ] && b=4096
    k=$(($3/b)); c=$((($3-k*b+n+b-1)/b)); h=0; [ $z = 1 ] && [ $n -ge 2048 ] && h=1
    x="$n $h${x#0 0}"; eval "l$i="; a=$z; z=0; say; z=$a
    if [ $h = 1 ]; then dd "if=$g" bs=$b skip=$k count=$c | gzip -1c; else dd "if=$g" bs=$b skip=$k count=$c; fi
    printf '\n%s e\n' "$N"
  else answer $i; fi
  [ "$1" = 9 ] && exec 9<&-
}
# siblings PATH
siblings() {
  set +f; set -- "$1"?*; set -f; k=$#
  while [ $k -gt 0 ]; do
    f=$1; shift; k=$((k-1))
    case $f in *.gz|*.xz|*.bz2|*.zst|*.lz4|*.lzma|*.zip|*.Z) continue ;; esac
    [ -f "$f" ] && [ $# -lt 1024 ] && set -- "$@" "$f"
  done
  [ $# -gt 0 ] || return
  x="+$#$J"
  for f do x="$x${#f}:$f"; done
  x="$x$J$($S "$@")"
}
# existing PATH…: the numbers of those that exist, then what they are.
existing() {
  e=; k=$#; n=0
  while [ $n -lt $k ]; do n=$((n+1)); f=$1; shift; [ -e "$f" ] && { set -- "$@" "$f"; e="$e $n"; }; done
  x="+$e"; [ $# -gt 0 ] && x="$x$J$($B "$@")"
}
# small NUL N PATH…: the first N are no patterns; those that may be read are told, for grep passes over empty
# ones. With NUL 1 the files hold NUL bytes.
small() {
  a=$1; k=$2; shift 2; n=0; e=
  for f do [ $n -lt $k ] || break; n=$((n+1)); [ -r "$f" ] && e="$e $n"; done
  if [ $a = 0 ]; then x="+$e$J$(grep -as -- '' /dev/null "$@")"; return; fi
  case $K in
  *a*) x="+$e$J$(grep -as -- '' /dev/null "$@" | tr '\0' ' ')" ;;
  *) bounded 65536 "$@" ;;
  esac
}
# bounded SIZE PATH…: files that may hold NUL bytes, or be large, or not be files.
bounded() {
  k=$1; shift; x=+
  for f do
    [ -f "$f" ] && [ -r "$f" ] || continue
    y=$(dd "if=$f" bs=$k count=1 | tr '\0' ' '; echo x); y=${y%x}
    x="$x$J${#f} ${#y}:$f$y"
  done
}
# holders PATH: the descriptors that lead to it. What runs here to find them has ended when they are told.
holders() {
  f=$(readlink -f -- "$1" && echo x) && f=${f%?x} || f=$1
  set +f
  case $K in
  *n*) a=$(printf %sx "$f" | sed 's/[][*?\\]/\\&/g'); a=$(find /proc/[0-9]*/fd -maxdepth 1 -lname "${a%x}") ;;
  *) a=$(ls -ln /proc/[0-9]*/fd | P=$f awk '/^\/proc\/[0-9]+\/fd:$/ {d=substr($0,1,length($0)-1); next}
       {i=index($0," -> "); if (i && substr($0,i+4)==ENVIRON["P"]) print d "/0"}') ;;
  esac
  set -f
  for f in $a; do [ -e "${f%/*}" ] && x="$x$J$f"; done
}
while IFS= read -r r; do
  case $r in
  '!') guards && kill -USR1 "$W" || exit 1 ;;
  z*) z=${r#z} ;;
  @*) set -- ${r#@}; reg "$@"; call $1 ;;
  *) for t in $r; do call $t; done ;;
  esac
  [ "$o" ] && { printf %s "$o"; o=; }
done
exit 0
}
