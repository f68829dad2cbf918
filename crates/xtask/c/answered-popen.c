/*
 * Preloaded into the kernel's conf: the answer to every $(shell …) is run once
 * and kept as a file, so that all later runs, of the same conf or of another
 * program, hear the same answer without running anything.
 *
 * ANSWERS names the folder; an answer's file is named by the FNV-1a hash of
 * the command.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void record(const char *command, const char *path)
{
	FILE *(*real_popen)(const char *, const char *) = dlsym(RTLD_NEXT, "popen");
	int (*real_pclose)(FILE *) = dlsym(RTLD_NEXT, "pclose");
	char unfinished[4200], bytes[4096];
	size_t length;
	FILE *from, *to;

	snprintf(unfinished, sizeof(unfinished), "%s.%ld", path, (long)getpid());
	from = real_popen(command, "r");
	to = fopen(unfinished, "w");
	if (!from || !to)
		abort();
	while ((length = fread(bytes, 1, sizeof(bytes), from)) > 0)
		fwrite(bytes, 1, length, to);
	real_pclose(from);
	fclose(to);
	rename(unfinished, path);
}

FILE *popen(const char *command, const char *mode)
{
	uint64_t hash = 14695981039346656037u;
	const char *folder = getenv("ANSWERS");
	char path[4096];
	FILE *answer;

	(void)mode;
	if (!folder)
		abort();
	for (const char *c = command; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 1099511628211u;
	snprintf(path, sizeof(path), "%s/%016llx", folder, (unsigned long long)hash);
	answer = fopen(path, "r");
	if (!answer) {
		record(command, path);
		answer = fopen(path, "r");
	}
	return answer;
}

int pclose(FILE *answer)
{
	return fclose(answer);
}
