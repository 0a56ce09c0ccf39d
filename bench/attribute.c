// SPDX-License-Identifier: GPL-2.0
/*
 * A plugin of QEMU's emulator: counts the instructions of a guest by the function of a
 * module in which they run, or which called for them.
 *
 * The kernel's own instructions count for the call by which a module left for the
 * kernel, until it goes on; those that no module called for are counted together, and
 * so are those of programs. Who calls whom is seen from the ends of translated blocks:
 * one that ends in a return comes back, one that ends in a jump out of a module will
 * not, any other goes on or calls. Where a module is called back, by a socket or a
 * timer, it begins anew, and when it returns what was before goes on.
 *
 * The guest says when to count: the instruction of bench/mark.c begins and ends it.
 * The counts of the n-th time are written to the file PREFIX.n, for out=PREFIX:
 *
 *   own ADDRESS COUNT	of a block of a module
 *   call ADDRESS COUNT	of all that ran in a function of the kernel and below it
 *   kernel COUNT	of the kernel's, for no module
 *   user COUNT		of programs
 *
 * For one CPU, on x86-64, without randomized addresses. The emulator's interface for
 * plugins is declared here as its version 1 has it; its header is in no package.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info;

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*translated)(uint64_t id,
							      struct qemu_plugin_tb *block));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block,
					  void (*executed)(unsigned int cpu, void *data),
					  int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *instruction,
					    void (*executed)(unsigned int cpu, void *data),
					    int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t i);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *instruction);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *instruction);

EXPORT int qemu_plugin_version = 1;

/* Where the kernel loads modules, and where its own half of the addresses begins. */
#define MODULES 0xffffffffc0000000ULL
#define KERNEL 0xffff800000000000ULL
#define MARK "\x66\x87\xdb"
#define DEPTH 64

struct block {
	uint64_t address, count;
	uint32_t length;
	enum { GOES_ON, RETURNS, JUMPS } end;	/* what its last instruction does */
	uint64_t below;			/* of what was called here, the kernel's */
	struct block *next;
};

static const char *out = "counts";
static unsigned int times;
static struct block *blocks;
static uint64_t user, kernel;
static bool counting;

static const struct block *before;	/* the block that ran last */
static struct block *called;		/* the function of the kernel that a module called */
static struct block *outer[DEPTH];	/* what was called when a module was called back */
static unsigned int depth;

static bool is_module(const struct block *block)
{
	return block->address >= MODULES;
}

static void enter_module(void)
{
	/* Back from what it called, or called back. */
	if (!before || is_module(before))
		return;
	if (before->end != RETURNS && depth < DEPTH)
		outer[depth++] = called;
	called = NULL;
}

static void leave_module(struct block *block)
{
	if (before->end == GOES_ON)
		called = block;
	else
		called = depth ? outer[--depth] : NULL;
}

static void executed(unsigned int cpu, void *data)
{
	struct block *block = data;

	if (block->address < KERNEL) {
		user += block->length;
		called = NULL;
		depth = 0;
	} else if (is_module(block)) {
		enter_module();
		block->count += block->length;
	} else {
		if (before && is_module(before))
			leave_module(block);
		if (called)
			called->below += block->length;
		else
			kernel += block->length;
	}
	before = block;
}

static void begin(void)
{
	struct block *block;

	for (block = blocks; block; block = block->next) {
		block->count = 0;
		block->below = 0;
	}
	user = 0;
	kernel = 0;
}

static void end(void)
{
	struct block *block;
	char name[4096];
	FILE *file;

	snprintf(name, sizeof(name), "%s.%u", out, ++times);
	file = fopen(name, "w");
	if (!file) {
		perror(name);
		exit(1);
	}
	for (block = blocks; block; block = block->next) {
		if (block->count)
			fprintf(file, "own %" PRIx64 " %" PRIu64 "\n", block->address,
				block->count);
		if (block->below)
			fprintf(file, "call %" PRIx64 " %" PRIu64 "\n", block->address,
				block->below);
	}
	fprintf(file, "kernel %" PRIu64 "\nuser %" PRIu64 "\n", kernel, user);
	fclose(file);
}

static void marked(unsigned int cpu, void *data)
{
	counting = !counting;
	if (counting)
		begin();
	else
		end();
}

static int end_of(const struct qemu_plugin_insn *last)
{
	const uint8_t *bytes = qemu_plugin_insn_data(last);

	switch (*bytes) {
	case 0xc3:
		return RETURNS;
	case 0xe9:
	case 0xeb:
		return JUMPS;
	default:
		return GOES_ON;
	}
}

/* Blocks are translated more than once; each translation is counted as its own. */
static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t i, n = qemu_plugin_tb_n_insns(tb);
	struct block *block = calloc(1, sizeof(*block));

	if (!block)
		abort();
	block->address = qemu_plugin_tb_vaddr(tb);
	block->length = n;
	block->end = end_of(qemu_plugin_tb_get_insn(tb, n - 1));
	block->next = blocks;
	blocks = block;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, 0, block);
	for (i = 0; i < n; i++) {
		struct qemu_plugin_insn *instruction = qemu_plugin_tb_get_insn(tb, i);

		if (qemu_plugin_insn_size(instruction) == sizeof(MARK) - 1 &&
		    !memcmp(qemu_plugin_insn_data(instruction), MARK, sizeof(MARK) - 1))
			qemu_plugin_register_vcpu_insn_exec_cb(instruction, marked, 0, NULL);
	}
}

EXPORT int qemu_plugin_install(uint64_t id, const struct qemu_info *info, int argc, char **argv)
{
	int i;

	for (i = 0; i < argc; i++)
		if (!strncmp(argv[i], "out=", 4))
			out = strdup(argv[i] + 4);
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
