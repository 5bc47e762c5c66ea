/* SPDX-License-Identifier: Apache-2.0 */
#include <sched.h>
#include <unistd.h>

#include "conf/diag.h"

/* A kernel keeps some of a machine's memory to itself before it counts. */
enum { MIB = 1024 * 1024, KERNEL_PERCENT = 12 };

void
conf_machine_read(struct conf_machine *out)
{
    const int64_t pages = sysconf(_SC_PHYS_PAGES);
    const int64_t page = sysconf(_SC_PAGESIZE);
    cpu_set_t set;

    CPU_ZERO(&set);
    out->cpus = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set)
                                                             : sysconf(_SC_NPROCESSORS_ONLN);
    out->memory_mb = pages < 0 || page < 0 ? 0 : pages / MIB * page + pages % MIB * page / MIB;
}

tsec_rc
conf_check_resources(const struct tsec_conf *conf, const struct conf_machine *machine,
                     struct tsec_err *err)
{
    const int64_t needed = conf->enclave_memory_mb - conf->enclave_memory_mb * KERNEL_PERCENT / 100;

    if (strcmp(conf->provider, "aws_nitro") != 0) {
        return TSEC_OK; /* the promise is about the enclave this is not */
    }
    if (conf->enclave_cpu_count > machine->cpus) {
        return CONF_WRONG(conf, enclave_cpu_count, err,
                          "the file promises %lld CPUs, here are %lld; give the enclave more or "
                          "lower the number",
                          (long long)conf->enclave_cpu_count, (long long)machine->cpus);
    }
    if (needed > machine->memory_mb) {
        return CONF_WRONG(conf, enclave_memory_mb, err,
                          "the file promises %lld MiB, here are %lld; give the enclave more or "
                          "lower the number",
                          (long long)conf->enclave_memory_mb, (long long)machine->memory_mb);
    }
    return TSEC_OK;
}
