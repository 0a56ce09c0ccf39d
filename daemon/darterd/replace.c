// SPDX-License-Identifier: GPL-2.0
/*
 * Replacing a file's contents so that a crash leaves the old or the new ones:
 * a temporary file beside it, flushed, is renamed over it, and the directory is
 * flushed after that.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rewrite.h"

static int read_stream(FILE *in, char **text)
{
	size_t room = 0;
	ssize_t length;

	errno = 0;
	length = getdelim(text, &room, '\0', in);
	if (length >= 0)
		/* A NUL byte would end the text early and lose what follows. */
		return (size_t)length == strlen(*text) ? 0 : -EINVAL;
	if (errno)
		return -errno;
	free(*text);
	*text = strdup("");
	return *text ? 0 : -ENOMEM;
}

/* The whole file as text, to be freed also after an error; "" for no file. */
static int read_text(const char *path, char **text)
{
	FILE *in = fopen(path, "re");
	int err;

	*text = NULL;
	if (!in && errno != ENOENT)
		return -errno;
	if (!in) {
		*text = strdup("");
		return *text ? 0 : -ENOMEM;
	}
	err = read_stream(in, text);
	fclose(in);
	return err;
}

static int write_all(int fd, const char *text, size_t length)
{
	ssize_t wrote;

	while (length) {
		wrote = write(fd, text, length);
		if (wrote < 0 && errno == EINTR)
			continue;
		if (wrote < 0)
			return -errno;
		text += wrote;
		length -= wrote;
	}
	return 0;
}

static int fill(int fd, const char *path, const char *text)
{
	struct stat st;
	int err;

	if (!stat(path, &st)) {
		/* Another owner is kept where that is permitted. */
		int kept = fchown(fd, st.st_uid, st.st_gid);

		(void)kept;
		if (fchmod(fd, st.st_mode & 07777))
			return -errno;
	} else if (fchmod(fd, 0640)) {
		return -errno;
	}
	err = write_all(fd, text, strlen(text));
	if (err)
		return err;
	return fsync(fd) ? -errno : 0;
}

static int sync_directory(const char *path)
{
	char *copy = strdup(path);
	int fd, err = 0;

	if (!copy)
		return -ENOMEM;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(copy);
	if (fd < 0)
		return -errno;
	if (fsync(fd))
		err = -errno;
	close(fd);
	return err;
}

static int replace(const char *path, const char *text)
{
	char *temporary;
	int fd, err;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return -ENOMEM;
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0) {
		err = -errno;
		goto err_name;
	}
	err = fill(fd, path, text);
	if (close(fd) && !err)
		err = -errno;
	if (!err && rename(temporary, path))
		err = -errno;
	if (err)
		unlink(temporary);
	else
		err = sync_directory(path);
err_name:
	free(temporary);
	return err;
}

int darter_rewrite_file(const char *path, const struct darter_values *values)
{
	char *target = realpath(path, NULL);
	char *old, *text;
	int err;

	/* A file that was removed meanwhile is written again. */
	if (!target)
		target = strdup(path);
	if (!target)
		return -ENOMEM;
	err = read_text(target, &old);
	if (err)
		goto err_old;
	err = darter_rewrite_text(old, values, &text);
	if (err)
		goto err_old;
	err = replace(target, text);
	free(text);
err_old:
	free(old);
	free(target);
	return err;
}
