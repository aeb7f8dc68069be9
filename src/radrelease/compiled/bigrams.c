/* Words and pairs of words that two texts share, counted as BLEU does: each as often as the reference has it.

   A word ends at a blank (U+0020), and before a full stop. Texts are UTF-8 in small letters. Counts are whole
   numbers, so the fall-back in Python gives the same ones. */

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
    uint64_t hash;
    const uint8_t *text; /* NULL where the slot is free */
    int32_t length;
    int32_t number;
    int32_t left; /* how many more matches the reference allows */
} word;

typedef struct {
    uint64_t key;
    int32_t left;
    int32_t used;
} pair;

typedef struct {
    const uint8_t *at, *end;
} reader;

/* The next word: its length, or 0 at the end; `*begin` is where it begins. */
static int32_t next_word(reader *text, const uint8_t **begin, uint64_t *hash)
{
    const uint8_t *at = text->at, *end = text->end;
    while (at < end && *at == ' ')
        at++;
    *begin = at;
    uint64_t sum = 0xcbf29ce484222325u;
    while (at < end && *at != ' ' && (*at != '.' || at == *begin))
        sum = (sum ^ *at++) * 0x100000001b3u;
    text->at = at;
    *hash = sum ^ (sum >> 29);
    return (int32_t)(at - *begin);
}

static word *find_word(word *words, size_t mask, uint64_t hash, const uint8_t *text, int32_t length)
{
    size_t slot = hash & mask;
    while (words[slot].text != NULL
           && (words[slot].hash != hash || words[slot].length != length
               || memcmp(words[slot].text, text, (size_t)length) != 0))
        slot = (slot + 1) & mask;
    return words + slot;
}

static pair *find_pair(pair *pairs, size_t mask, uint64_t key)
{
    size_t slot = ((key * 0x9e3779b97f4a7c15u) >> 32) & mask;
    while (pairs[slot].used && pairs[slot].key != key)
        slot = (slot + 1) & mask;
    return pairs + slot;
}

/* `number` of the word before it, or -1, makes a pair. */
static uint64_t pair_key(int32_t before, int32_t number)
{
    return ((uint64_t)(uint32_t)before << 32) | (uint32_t)number;
}

static int32_t learn(reader text, word *words, pair *pairs, size_t mask)
{
    const uint8_t *begin;
    uint64_t hash;
    int32_t length, count = 0, before = -1;
    for (; (length = next_word(&text, &begin, &hash)) > 0; count++) {
        word *found = find_word(words, mask, hash, begin, length);
        if (found->text == NULL)
            *found = (word){hash, begin, length, count, 0};
        found->left++;
        if (before >= 0) {
            pair *both = find_pair(pairs, mask, pair_key(before, found->number));
            both->key = pair_key(before, found->number);
            both->used = 1;
            both->left++;
        }
        before = found->number;
    }
    return count;
}

static int32_t match(reader text, word *words, pair *pairs, size_t mask, int32_t *of_words, int32_t *of_pairs)
{
    const uint8_t *begin;
    uint64_t hash;
    int32_t length, count = 0, before = -1;
    for (; (length = next_word(&text, &begin, &hash)) > 0; count++) {
        word *found = find_word(words, mask, hash, begin, length);
        const int32_t number = found->text == NULL ? -1 : found->number;
        if (number >= 0 && found->left > 0) {
            found->left--;
            ++*of_words;
        }
        if (before >= 0 && number >= 0) {
            pair *both = find_pair(pairs, mask, pair_key(before, number));
            if (both->used && both->left > 0) {
                both->left--;
                ++*of_pairs;
            }
        }
        before = number;
    }
    return count;
}

/* Writes four counts per pair of texts: words and pairs of words shared, words of the reference, of the other.
   Text i is the bytes from ends[i - 1], or 0, to ends[i]. Returns 0, or 1 where memory is short. */
int radrelease_shared_bigrams(const uint8_t *references, const int64_t *reference_ends, const uint8_t *texts,
                              const int64_t *text_ends, size_t count, int32_t *out)
{
    size_t room = 0;
    word *words = NULL;
    pair *pairs = NULL;
    for (size_t i = 0; i < count; i++, out += 4) {
        const int64_t first = i ? reference_ends[i - 1] : 0, second = i ? text_ends[i - 1] : 0;
        const reader reference = {references + first, references + reference_ends[i]};
        size_t size = 64; /* a byte is at most one word, and a table at most half full */
        while (size < 2 * (size_t)(reference_ends[i] - first))
            size *= 2;
        if (size > room) {
            free(words);
            free(pairs);
            words = malloc(size * sizeof *words);
            pairs = malloc(size * sizeof *pairs);
            room = size;
            if (words == NULL || pairs == NULL) {
                free(words);
                free(pairs);
                return 1;
            }
        }
        memset(words, 0, size * sizeof *words);
        memset(pairs, 0, size * sizeof *pairs);
        out[0] = out[1] = 0;
        out[2] = learn(reference, words, pairs, size - 1);
        out[3] = match((reader){texts + second, texts + text_ends[i]}, words, pairs, size - 1, out, out + 1);
    }
    free(words);
    free(pairs);
    return 0;
}
