/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin for qemu-user (ARM): at each system call that reads from or writes to a descriptor it writes down how many
 * guest instructions the program has executed until then. One line a call: instructions, nanoseconds of the machine's
 * monotonic clock, number of the call, descriptor. */
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

/* Plugin interface version 1, as far as it is used; Debian ships no header for it. */
typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
typedef struct qemu_info_t qemu_info_t;
typedef void (*tb_translated)(qemu_plugin_id_t id, struct qemu_plugin_tb* tb);
typedef void (*system_call)(qemu_plugin_id_t id, unsigned int vcpu, int64_t number, uint64_t a1, uint64_t a2,
                            uint64_t a3, uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8);
enum qemu_plugin_op { QEMU_PLUGIN_INLINE_ADD_U64 };
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, tb_translated callback);
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb* tb, enum qemu_plugin_op op, void* counter,
                                              uint64_t add);
void qemu_plugin_register_vcpu_syscall_cb(qemu_plugin_id_t id, system_call callback);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb* tb);
void qemu_plugin_outs(const char* text);

__attribute__((visibility("default"))) int qemu_plugin_version = 1;

static uint64_t executed;

static void on_translated(qemu_plugin_id_t id, struct qemu_plugin_tb* tb) {
  (void)id;
  qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &executed, qemu_plugin_tb_n_insns(tb));
}

/* Numbers of the ARM EABI: read, write, writev, send, sendto, recv, recvfrom, sendmsg, recvmsg. */
static int is_told(int64_t number) {
  return number == 3 || number == 4 || number == 146 || (number >= 289 && number <= 292) || number == 296 ||
         number == 297;
}

static void on_call(qemu_plugin_id_t id, unsigned int vcpu, int64_t number, uint64_t a1, uint64_t a2, uint64_t a3,
                    uint64_t a4, uint64_t a5, uint64_t a6, uint64_t a7, uint64_t a8) {
  char text[96];
  struct timespec now;
  (void)id, (void)vcpu, (void)a2, (void)a3, (void)a4, (void)a5, (void)a6, (void)a7, (void)a8;
  if (!is_told(number)) return;
  clock_gettime(CLOCK_MONOTONIC, &now);
  snprintf(text, sizeof text, "%" PRIu64 " %" PRId64 " %" PRId64 " %" PRIu64 "\n", executed,
           (int64_t)now.tv_sec * 1000000000 + now.tv_nsec, number, a1);
  qemu_plugin_outs(text);
}

__attribute__((visibility("default"))) int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc,
                                                               char** argv) {
  (void)info;
  (void)argc;
  (void)argv;
  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translated);
  qemu_plugin_register_vcpu_syscall_cb(id, on_call);
  return 0;
}
