// What the generated code asks of the C library; plugin.c has it.
#include <stddef.h>
void *malloc(size_t size);
void *realloc(void *old, size_t size);
void free(void *memory);
void abort(void);
