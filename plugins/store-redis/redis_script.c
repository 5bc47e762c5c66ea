/* SPDX-License-Identifier: Apache-2.0 */
#include "redis_script.h"

#include "redis_wire.h"

/* Refuses, before anything else, keys that are not ours: of another type, or another format. */
#define CHECK                                                            \
    "local kv, keys = KEYS[1], KEYS[2]\n"                                \
    "local function kind(k) return redis.call('TYPE', k)['ok'] end\n"    \
    "local tkv, tkeys = kind(kv), kind(keys)\n"                          \
    "if (tkv ~= 'none' and tkv ~= 'hash')\n"                             \
    "    or (tkeys ~= 'none' and tkeys ~= 'zset') then\n"                \
    "  return redis.error_reply('TSECFORMAT another type') end\n"        \
    "local format = tkv == 'hash' and redis.call('HGET', kv, '')\n"      \
    "if (tkv == 'hash' or tkeys == 'zset') and format ~= ARGV[1] then\n" \
    "  return redis.error_reply('TSECFORMAT another format') end\n"

/* Asks for every right that the other scripts need, so that one that lacks is told at the start: by
 * reading, and by the writes that change nothing.  What else Redis refuses writes for is no reason
 * not to read. */
static const char open_text[] =
    CHECK "if tkv == 'hash' and redis.call('HLEN', kv) - 1 ~= redis.call('ZCARD', keys) then\n"
          "  return redis.error_reply('TSECMISSING rows and keys differ') end\n"
          "local nothing = string.rep('-', 65)\n"
          "local function refused(...)\n"
          "  local r = redis.pcall(...)\n"
          "  return type(r) == 'table' and r.err\n"
          "end\n"
          "local made = refused('HSET', kv, '', ARGV[1])\n"
          "for _, why in ipairs({ made or '', refused('HEXISTS', kv, '') or '',\n"
          "    refused('ZRANGEBYLEX', keys, '[', '[', 'LIMIT', '0', '1') or '',\n"
          "    refused('ZADD', keys, 'XX', '0', nothing) or '',\n"
          "    refused('HDEL', kv, nothing) or '', refused('ZREM', keys, nothing) or '' }) do\n"
          "  if string.find(why, 'NOPERM', 1, true) or string.find(why, \"can't run\", 1, true)\n"
          "      or string.find(why, \"can't access\", 1, true) then\n"
          "    return redis.error_reply('NOPERM ' .. why) end\n"
          "end\n"
          "if tkv == 'none' and made then return redis.error_reply('TSECREFUSED ' .. made) end\n"
          "return 1\n";

/* First every expectation, by reading.  Then each kind of write once in a form that changes nothing
 * (the field "" gets the value it has; no key is 65 bytes long), so that whatever Redis refuses
 * writes for, it refuses now: its memory, its disk, its replicas, its role, this user's rights. The
 * one that may need memory comes first, because Redis looks at its memory only before the first
 * write of a script.  Then the writes, which nothing is left to refuse: a script is not interrupted
 * once it wrote, and rights and settings do not change while it runs.  They go by the hundred: a
 * command costs more than a row, and unpack() takes no more than a few thousand. */
static const char commit_text[] =
    CHECK "local codes, at, puts, deletes = ARGV[2], 3, false, false\n"
          "for i = 1, #codes do\n"
          "  local c = string.byte(codes, i) - 48\n"
          "  local is_delete, expect = c % 2 == 1, c - c % 2\n"
          "  if expect ~= 0 then\n"
          "    local there = redis.call('HEXISTS', kv, ARGV[at]) == 1\n"
          "    if there ~= (expect == 4) then return i end\n"
          "  end\n"
          "  if is_delete then deletes = true; at = at + 1\n"
          "  else puts = true; at = at + 2 end\n"
          "end\n"
          "local nothing = string.rep('-', 65)\n"
          "local function refused(...)\n"
          "  local r = redis.pcall(...)\n"
          "  return type(r) == 'table' and r.err and redis.error_reply('TSECREFUSED ' .. r.err)\n"
          "end\n"
          "local r = puts and (refused('HSET', kv, '', ARGV[1])\n"
          "                    or refused('ZADD', keys, 'XX', '0', nothing))\n"
          "    or deletes and (refused('HDEL', kv, nothing) or refused('ZREM', keys, nothing))\n"
          "if r then return r end\n"
          "local function apply()\n"
          "  local sets, adds, gone = { 'HSET', kv }, { 'ZADD', keys }, {}\n"
          "  local at, n, m = 3, 0, 0\n"
          "  local function flush()\n"
          "    if n > 0 then\n"
          "      redis.call(unpack(sets, 1, 2 + 2 * n))\n"
          "      redis.call(unpack(adds, 1, 2 + 2 * n))\n"
          "    end\n"
          "    if m > 0 then\n"
          "      redis.call('HDEL', kv, unpack(gone, 1, m))\n"
          "      redis.call('ZREM', keys, unpack(gone, 1, m))\n"
          "    end\n"
          "    n, m = 0, 0\n"
          "  end\n"
          "  for i = 1, #codes do\n"
          "    if string.byte(codes, i) % 2 == 1 then\n"
          "      m = m + 1\n"
          "      gone[m] = ARGV[at]\n"
          "      at = at + 1\n"
          "    else\n"
          "      sets[2 * n + 3], sets[2 * n + 4] = ARGV[at], ARGV[at + 1]\n"
          "      adds[2 * n + 3], adds[2 * n + 4] = '0', ARGV[at]\n"
          "      n = n + 1\n"
          "      at = at + 2\n"
          "    end\n"
          "    if n + m == 100 then flush() end\n"
          "  end\n"
          "  flush()\n"
          "end\n"
          "local ok, why = pcall(apply)\n"
          "if not ok then return redis.error_reply('TSECHALFWAY ' ..\n"
          "    (type(why) == 'table' and tostring(why.err) or tostring(why))) end\n"
          "return 0\n";

/* One row at least, then as many as fit. */
static const char page_text[] =
    "local kv, keys, most = KEYS[1], KEYS[2], tonumber(ARGV[4])\n"
    "local found = redis.call('ZRANGEBYLEX', keys, ARGV[1], ARGV[2], 'LIMIT', '0', ARGV[3])\n"
    "local out, bytes = { #found == tonumber(ARGV[3]) and 1 or 0 }, 0\n"
    "for i = 1, #found do\n"
    "  local value = redis.call('HGET', kv, found[i])\n"
    "  if not value then return redis.error_reply('TSECMISSING a value') end\n"
    "  out[2 * i], out[2 * i + 1] = found[i], value\n"
    "  bytes = bytes + #value\n"
    "  if bytes >= most and i < #found then out[1] = 1; break end\n"
    "end\n"
    "return out\n";

static const char many_text[] = "local kv, most, bytes, out = KEYS[1], tonumber(ARGV[1]), 0, {}\n"
                                "for i = 2, #ARGV do\n"
                                "  local value = redis.call('HGET', kv, ARGV[i])\n"
                                "  out[i - 1] = value\n"
                                "  bytes = bytes + (value and #value or 0)\n"
                                "  if bytes >= most then break end\n"
                                "end\n"
                                "return out\n";

static const struct {
    const char *text;
    const char *sha;
} scripts[REDIS_SCRIPT_COUNT] = {
    [REDIS_SCRIPT_OPEN] = { open_text, "48e453ceb4fb2f1cd0e0c59013df5e833472ce97" },
    [REDIS_SCRIPT_COMMIT] = { commit_text, "727a88305ec22cb825aea3e32a49cbf49c645bb7" },
    [REDIS_SCRIPT_PAGE] = { page_text, "828f93498690bb38e78a232e13fa785f1d321196" },
    [REDIS_SCRIPT_MANY] = { many_text, "3f957ec94687fa88df6a1d98099eb23b6bff4497" },
};

const char *
redis_script_text(enum redis_script script)
{
    return scripts[script].text;
}

const char *
redis_script_sha(enum redis_script script)
{
    return scripts[script].sha;
}

static void
put_name(const char *prefix, const char *what, struct tsec_buf *out)
{
    tsec_buf_put_byte(out, '{');
    tsec_buf_put_str(out, prefix);
    tsec_buf_put_str(out, what);
}

void
redis_script_hash_name(const char *prefix, struct tsec_buf *out)
{
    put_name(prefix, "}:kv", out);
}

void
redis_script_set_name(const char *prefix, struct tsec_buf *out)
{
    put_name(prefix, "}:keys", out);
}

void
redis_script_begin(struct tsec_buf *out, enum redis_script script, bool by_text, const char *prefix,
                   size_t args)
{
    TSEC_AUTO_BUF struct tsec_buf name = TSEC_BUF_INIT(128);

    redis_put_command(out, args + 5);
    redis_put_str(out, by_text ? "EVAL" : "EVALSHA");
    redis_put_str(out, by_text ? scripts[script].text : scripts[script].sha);
    redis_put_str(out, "2");
    redis_script_hash_name(prefix, &name);
    redis_put(out, tsec_buf_span(&name));
    tsec_buf_reset(&name);
    redis_script_set_name(prefix, &name);
    redis_put(out, tsec_buf_span(&name));
}
