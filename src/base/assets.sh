#!/bin/sh
# assets.sh FILE...: prints the assembler source that builds the files into the program.
# An asset's name is its path without a leading build folder ("build/gen/").
set -eu
printf '.section .rodata\n'
i=0
for f in "$@"; do
    printf '.balign 16\na%d: .incbin "%s"\ne%d: .byte 0\n' $i "$f" $i
    printf 'n%d: .asciz "%s"\n' $i "${f#build/gen/}"
    i=$((i + 1))
done
printf '.section .data.rel.ro,"aw"\n.balign 8\n.globl assets\nassets:\n'
j=0
while [ $j -lt $i ]; do
    printf '.quad n%d, a%d, e%d\n' $j $j $j
    j=$((j + 1))
done
printf '.section .rodata\n.balign 8\n.globl assets_len\nassets_len: .quad %d\n' $i
printf '.section .note.GNU-stack,"",@progbits\n'
