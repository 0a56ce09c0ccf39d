/* SPDX-License-Identifier: GPL-2.0 */
/* What the commands of bits share. */
#ifndef DARTER_CORE_BIT_COMMANDS_H
#define DARTER_CORE_BIT_COMMANDS_H

#include <linux/types.h>

struct darter_arg;
struct darter_ctx;

/*
 * The number of a bit that a string may have; false with the error replied. With
 * a @unit other than 0 the argument "#n" is the first bit of the n-th field of so
 * many bits.
 */
bool darter_arg_bit(struct darter_ctx *ctx, const struct darter_arg *arg, u32 unit, u64 *at);

#endif /* DARTER_CORE_BIT_COMMANDS_H */
