// SPDX-License-Identifier: GPL-2.0
/* Begins, and ends, what bench/attribute.c counts: an instruction that does nothing. */
int main(void)
{
	/* xchg %bx, %bx */
	__asm__ volatile(".byte 0x66, 0x87, 0xdb");
	return 0;
}
