#include "textflag.h"

// The numbers 0 to 63, a byte each.
DATA places<>+0(SB)/8, $0x0706050403020100
DATA places<>+8(SB)/8, $0x0f0e0d0c0b0a0908
DATA places<>+16(SB)/8, $0x1716151413121110
DATA places<>+24(SB)/8, $0x1f1e1d1c1b1a1918
DATA places<>+32(SB)/8, $0x2726252423222120
DATA places<>+40(SB)/8, $0x2f2e2d2c2b2a2928
DATA places<>+48(SB)/8, $0x3736353433323130
DATA places<>+56(SB)/8, $0x3f3e3d3c3b3a3938
GLOBL places<>(SB), RODATA|NOPTR, $64

// func masksAVX512(text *byte, blocks int, delimiter byte, seps, feeds, quotes *uint64) (parting, ending int, high uint64)
TEXT ·masksAVX512(SB), NOSPLIT, $0-72
	MOVQ text+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ seps+24(FP), R8
	MOVQ feeds+32(FP), R9
	MOVQ quotes+40(FP), R10
	VPBROADCASTB delimiter+16(FP), Z5
	MOVL $0x0a, AX
	VPBROADCASTB AX, Z6
	MOVL $0x22, AX
	VPBROADCASTB AX, Z7
	VPXORQ Z8, Z8, Z8
	XORQ R11, R11
	XORQ R12, R12
	XORQ R13, R13

block:
	VMOVDQU64 (SI)(R11*8), Z0
	VPORQ Z0, Z8, Z8
	VPCMPEQB Z0, Z5, K1
	VPCMPEQB Z0, Z6, K2
	VPCMPEQB Z0, Z7, K3
	KORQ K1, K2, K1
	KMOVQ K1, AX
	KMOVQ K2, BX
	MOVQ AX, (R8)(R11*1)
	MOVQ BX, (R9)(R11*1)
	KMOVQ K3, (R10)(R11*1)
	POPCNTQ AX, AX
	POPCNTQ BX, BX
	ADDQ AX, R12
	ADDQ BX, R13
	ADDQ $8, R11
	DECQ CX
	JNZ block

	VPMOVB2M Z8, K1
	KMOVQ K1, AX
	MOVQ R12, parting+48(FP)
	MOVQ R13, ending+56(FP)
	MOVQ AX, high+64(FP)
	VZEROUPPER
	RET

// Sixteen places of a block, from bytes to words, written behind those before.
#define WRITE(bytes, at) \
	VPMOVZXBD bytes, Z3; \
	VPADDD Z2, Z3, Z3; \
	VMOVDQU32 Z3, at(DI)

// func flattenAVX512(words *uint64, blocks int, into *uint32) (n int)
//
// The bytes of Z0 that are marked in a word move together; most words mark fewer
// than sixteen.
TEXT ·flattenAVX512(SB), NOSPLIT, $0-32
	MOVQ words+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ into+16(FP), DI
	MOVQ DI, R8
	VMOVDQU64 places<>(SB), Z0
	VPXORQ Z2, Z2, Z2
	MOVL $64, AX
	VPBROADCASTD AX, Z4

word:
	MOVQ (SI), AX
	KMOVQ AX, K1
	VPCOMPRESSB.Z Z0, K1, Z1
	WRITE(X1, 0)
	POPCNTQ AX, AX
	CMPQ AX, $16
	JA many

next:
	LEAQ (DI)(AX*4), DI
	VPADDD Z4, Z2, Z2
	ADDQ $8, SI
	DECQ CX
	JNZ word

	SUBQ R8, DI
	SHRQ $2, DI
	MOVQ DI, n+24(FP)
	VZEROUPPER
	RET

many:
	VEXTRACTI32X4 $1, Z1, X5
	WRITE(X5, 64)
	VEXTRACTI32X4 $2, Z1, X5
	WRITE(X5, 128)
	VEXTRACTI32X4 $3, Z1, X5
	WRITE(X5, 192)
	JMP next
