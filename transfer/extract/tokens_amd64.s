#include "textflag.h"

// One bit for each byte of a block that equals the byte in all places of like.
#define MASK(like, into, half) \
	VPCMPEQB Y0, like, Y2; \
	VPCMPEQB Y1, like, Y3; \
	VPMOVMSKB Y2, into; \
	VPMOVMSKB Y3, half; \
	SHLQ $32, half; \
	ORQ half, into

// func masksAVX2(text *byte, blocks int, delimiter byte, seps, feeds, quotes *uint64) (parting, ending int, high uint64)
TEXT ·masksAVX2(SB), NOSPLIT, $0-72
	MOVQ text+0(FP), SI
	MOVQ blocks+8(FP), CX
	MOVQ seps+24(FP), R8
	MOVQ feeds+32(FP), R9
	MOVQ quotes+40(FP), R10
	VPBROADCASTB delimiter+16(FP), Y5
	MOVL $0x0a, AX
	VMOVD AX, X6
	VPBROADCASTB X6, Y6
	MOVL $0x22, AX
	VMOVD AX, X7
	VPBROADCASTB X7, Y7
	VPXOR Y8, Y8, Y8
	XORQ R12, R12
	XORQ R13, R13

block:
	VMOVDQU (SI), Y0
	VMOVDQU 32(SI), Y1
	VPOR Y0, Y8, Y8
	VPOR Y1, Y8, Y8
	MASK(Y5, DX, BX)
	MASK(Y6, AX, BX)
	ORQ AX, DX
	MOVQ DX, (R8)
	MOVQ AX, (R9)
	POPCNTQ DX, DX
	POPCNTQ AX, AX
	ADDQ DX, R12
	ADDQ AX, R13
	MASK(Y7, AX, BX)
	MOVQ AX, (R10)
	ADDQ $64, SI
	ADDQ $8, R8
	ADDQ $8, R9
	ADDQ $8, R10
	DECQ CX
	JNZ block

	VPMOVMSKB Y8, AX
	MOVQ R12, parting+48(FP)
	MOVQ R13, ending+56(FP)
	MOVQ AX, high+64(FP)
	VZEROUPPER
	RET

// func copyRunsAVX2(dst, text *byte, from int, ends *uint32, runs *run, count int) (n int)
//
// Most runs are short, and moved at once: what is behind them is written over by
// the next.
TEXT ·copyRunsAVX2(SB), NOSPLIT, $0-56
	MOVQ dst+0(FP), DI
	MOVQ text+8(FP), SI
	MOVQ from+16(FP), R8
	MOVQ ends+24(FP), DX
	MOVQ runs+32(FP), BX
	MOVQ count+40(FP), CX
	MOVQ DI, R9

run:
	MOVLQSX 0(BX), AX
	MOVLQSX 4(BX), R10
	MOVL (DX)(R10*4), R10
	MOVQ R8, R11
	TESTQ AX, AX
	JS begins
	MOVL (DX)(AX*4), R11
	INCQ R11

begins:
	SUBQ R11, R10
	INCQ R10
	ADDQ SI, R11
	VMOVDQU (R11), Y0
	VMOVDQU Y0, (DI)
	CMPQ R10, $32
	JA long

next:
	ADDQ R10, DI
	ADDQ $8, BX
	DECQ CX
	JNZ run

	SUBQ R9, DI
	MOVQ DI, n+48(FP)
	VZEROUPPER
	RET

long:
	MOVQ $32, R12

more:
	VMOVDQU (R11)(R12*1), Y0
	VMOVDQU Y0, (DI)(R12*1)
	ADDQ $32, R12
	CMPQ R12, R10
	JB more
	JMP next
