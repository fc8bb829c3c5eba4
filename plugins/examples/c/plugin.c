// A policy in C: one rule, no C library.
#include "policy.h"

#include <stdlib.h>
#include <string.h>

// Memory is never given back: a plugin has a new instance for each document.
extern unsigned char __heap_base;
static size_t next;

void *malloc(size_t size) {
  if (next == 0) next = (size_t)&__heap_base;
  size_t at = (next + 15) & ~(size_t)15;
  size_t have = __builtin_wasm_memory_size(0) << 16;
  if (at + size > have && __builtin_wasm_memory_grow(0, (at + size - have + 0xffff) >> 16) == (size_t)-1) abort();
  next = at + size;
  return (void *)at;
}

void *realloc(void *old, size_t size) {
  // The generated code only ever asks for new memory.
  if (old) abort();
  return malloc(size);
}

void free(void *memory) { (void)memory; }
void abort(void) { __builtin_trap(); }
size_t strlen(const char *text) {
  size_t length = 0;
  while (text[length]) length++;
  return length;
}
void *memcpy(void *to, const void *from, size_t size) {
  for (size_t at = 0; at < size; at++) ((char *)to)[at] = ((const char *)from)[at];
  return to;
}

static policy_string_t text(const char *text) {
  policy_string_t string;
  policy_string_set(&string, text);
  return string;
}

void exports_hullmark_policy_plugin_describe(exports_hullmark_policy_plugin_plugin_info_t *ret) {
  static hullmark_policy_types_rule_t rule;
  static policy_string_t subject;
  subject = text("dockerfile:MAINTAINER");
  rule = (hullmark_policy_types_rule_t){
      .name = text("maintainer"),
      .summary = text("MAINTAINER says in a deprecated way who looks after the image."),
      .explanation = text("## What it checks\n\n`MAINTAINER`.\n\n## Why it matters\n\nIt is deprecated.\n\n"
                          "## Flagged\n\n    MAINTAINER ann\n\n## Accepted\n\n    LABEL org.opencontainers.image.authors=ann\n\n"
                          "## How to fix\n\nWrite a label."),
      .level = text("warning"),
      .enabled = true,
      .precision = text("very-high"),
      .subjects = {.ptr = &subject, .len = 1},
      .options_schema = text(""),
      .since = text("0.1.0"),
  };
  *ret = (exports_hullmark_policy_plugin_plugin_info_t){
      .name = text("acme"),
      .version = text("0.1.0"),
      .summary = text("What acme asks of its images."),
      .homepage = text(""),
      .options_schema = text(""),
      .rules = {.ptr = &rule, .len = 1},
  };
}

bool exports_hullmark_policy_plugin_configure(policy_string_t *options,
                                              exports_hullmark_policy_plugin_list_option_error_t *err) {
  (void)options, (void)err;
  return true;
}

// Whether string number `number` is this text.
static bool is(const hullmark_policy_types_string_table_t *strings, uint32_t number, const char *word) {
  if (number >= strings->ends.len) return false;
  size_t start = number ? strings->ends.ptr[number - 1] : 0, length = strings->ends.ptr[number] - start;
  if (length != strlen(word)) return false;
  for (size_t at = 0; at < length; at++)
    if (strings->bytes.ptr[start + at] != (uint8_t)word[at]) return false;
  return true;
}

enum { INSTRUCTION = 34 };

bool exports_hullmark_policy_plugin_check(exports_hullmark_policy_plugin_borrow_document_t document,
                                          policy_list_u32_t *rules, exports_hullmark_policy_plugin_list_finding_t *ret,
                                          policy_string_t *err) {
  (void)rules, (void)err;
  hullmark_policy_host_tree_t tree;
  hullmark_policy_host_method_document_tree(document, &tree);
  uint32_t id = hullmark_policy_host_method_document_id(document);
  // What is lent is given back.
  hullmark_policy_host_document_drop_borrow(document);
  ret->ptr = malloc(tree.kinds.len * sizeof *ret->ptr);
  ret->len = 0;
  for (size_t node = 0; node < tree.kinds.len; node++) {
    if (tree.kinds.ptr[node] != INSTRUCTION || !is(&tree.strings, tree.keys.ptr[node], "MAINTAINER")) continue;
    ret->ptr[ret->len++] = (exports_hullmark_policy_plugin_finding_t){
        .rule = text("maintainer"),
        .message = text("`MAINTAINER` is deprecated"),
        .at = {.document = id, .at = {.start = tree.key_starts.ptr[node], .end = tree.key_ends.ptr[node]}},
    };
  }
  return true;
}

bool exports_hullmark_policy_plugin_check_project(exports_hullmark_policy_plugin_borrow_project_t project,
                                                  policy_list_u32_t *rules,
                                                  exports_hullmark_policy_plugin_list_finding_t *ret,
                                                  policy_string_t *err) {
  (void)rules, (void)err;
  hullmark_policy_host_project_drop_borrow(project);
  *ret = (exports_hullmark_policy_plugin_list_finding_t){0};
  return true;
}
