/* The elements of a DICOM header that a caller asks for, found without looking at the others.

   Only what every reader understands alike is walked: Part 10 files of Explicit or Implicit VR Little Endian with
   known VRs, tags that ascend, lengths that fit into what holds them, and delimiters of length 0. Whatever else
   there is, UNUSUAL is returned, and the caller has another reader. PS3.5 sections 7.1 to 7.5, PS3.10 section 7. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { UNUSUAL = -1, MORE = -2 };

enum {            /* flags of a tag that is asked for; a row is given only where there is a value */
    ANYWHERE = 1, /* gives a row at any depth */
    AT_TOP = 2,   /* gives a row in the data set itself */
    SEQUENCE = 4, /* is a sequence by the dictionary */
    CODED = 8,    /* at the top, a sequence: gives a row with Code Meaning (0008,0104) of its first item */
    REFUSED = 16, /* makes a data set unusual */
    CHECKED = 32, /* must be of its VR, US, and two bytes long */
};

enum { DEEPEST = 8, LAST_BEFORE_PIXELS = 0x7FE00007 };

static const uint32_t ITEM = 0xFFFEE000u, ITEM_END = 0xFFFEE00Du, SEQUENCE_END = 0xFFFEE0DDu;
static const uint32_t UNDEFINED = 0xFFFFFFFFu;
static const uint32_t CODE_MEANING = 0x00080104u, SYNTAX = 0x00020010u, CHARACTER_SET = 0x00080005u;

typedef struct {
    const uint32_t *tags; /* ascending */
    const uint32_t *vrs;
    const uint32_t *flags;
    size_t count;
} table;

typedef struct {
    const uint8_t *data;
    size_t size;
    const table *asked;
    uint32_t *out; /* rows of tag, 0 at the top or 1 below or the coded sequence, offset, length */
    size_t rows, room;
    int implicit;
} walk;

typedef struct {
    uint32_t tag, length;
    uint32_t vr;  /* its letters as a little-endian number; 0 in Implicit VR */
    size_t value; /* where the value begins */
} element;

#define VR(a, b) ((uint32_t)(a) | (uint32_t)(b) << 8)

static uint32_t u16(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t u32(const uint8_t *at)
{
    return u16(at) | u16(at + 2) << 16;
}

static uint32_t tag_of(const uint8_t *at)
{
    return u16(at) << 16 | u16(at + 2);
}

/* 2 or 4, the bytes of its length, or 0 for a VR that is none (PS3.5 section 7.1.2). */
static int width_of_length(uint32_t vr)
{
    switch (vr) {
    case VR('A', 'E'): case VR('A', 'S'): case VR('A', 'T'): case VR('C', 'S'): case VR('D', 'A'):
    case VR('D', 'S'): case VR('D', 'T'): case VR('F', 'D'): case VR('F', 'L'): case VR('I', 'S'):
    case VR('L', 'O'): case VR('L', 'T'): case VR('P', 'N'): case VR('S', 'H'): case VR('S', 'L'):
    case VR('S', 'S'): case VR('S', 'T'): case VR('T', 'M'): case VR('U', 'I'): case VR('U', 'L'):
    case VR('U', 'S'):
        return 2;
    case VR('O', 'B'): case VR('O', 'D'): case VR('O', 'F'): case VR('O', 'L'): case VR('O', 'V'):
    case VR('O', 'W'): case VR('S', 'Q'): case VR('S', 'V'): case VR('U', 'C'): case VR('U', 'N'):
    case VR('U', 'R'): case VR('U', 'T'): case VR('U', 'V'):
        return 4;
    default:
        return 0;
    }
}

/* The head of the element at `at`; 0, or why there is none that ends at or before `end`. */
static int read_head(const walk *file, size_t at, size_t end, int implicit, element *found)
{
    const int short_of = end == file->size ? MORE : UNUSUAL;
    if (end - at < 8)
        return short_of;
    const uint8_t *head = file->data + at;
    found->tag = tag_of(head);
    found->vr = 0;
    if (implicit || found->tag >> 16 == 0xFFFE) {
        found->length = u32(head + 4);
        found->value = at + 8;
        return 0;
    }
    found->vr = u16(head + 4);
    switch (width_of_length(found->vr)) {
    case 2:
        found->length = u16(head + 6);
        found->value = at + 8;
        return 0;
    case 4:
        if (end - at < 12)
            return short_of;
        found->length = u32(head + 8);
        found->value = at + 12;
        return 0;
    default:
        return UNUSUAL;
    }
}

/* 0 where the value ends at or before `end`. */
static int check_value(const walk *file, const element *found, size_t end)
{
    if (found->length <= end - found->value)
        return 0;
    return end == file->size && found->length != UNDEFINED ? MORE : UNUSUAL;
}

static int put(walk *file, const element *found, uint32_t of)
{
    if (found->length == 0 && found->tag != CHARACTER_SET)
        return 0; /* says as much as an element that is not there; a character set does not, in an item */
    if (file->rows == file->room)
        return UNUSUAL;
    uint32_t *row = file->out + 4 * file->rows++;
    row[0] = found->tag;
    row[1] = of;
    row[2] = (uint32_t)found->value;
    row[3] = found->length;
    return 0;
}

static size_t find(const table *asked, uint32_t tag)
{
    size_t low = 0, high = asked->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (asked->tags[middle] < tag)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Groups 50xx, 60xx and 7Fxx have rows in the dictionary for any xx, and odd groups up to 7 are no one's. */
static int is_private(uint32_t tag)
{
    const uint32_t high = tag >> 24;
    return (tag >> 16 & 1) && tag >> 16 > 8 && high != 0x50 && high != 0x60 && high != 0x7F;
}

/* Whether an element of an odd group, as one that reserves private ones (PS3.5 section 7.8.1), can always be read:
   pydicom converts these along with those. */
static int is_harmless(const element *found)
{
    if (!(found->tag >> 16 & 1) || (found->tag & 0xFFFF) > 0xFF)
        return 1;
    return found->vr == VR('L', 'O') || found->vr == VR('S', 'H') || found->vr == VR('C', 'S')
           || found->vr == VR('U', 'N') || found->vr == VR('O', 'B')
           || (found->vr == VR('U', 'L') && found->length == 4);
}

/* Whether the places of the element's values can be relied on, and its values understood by pydicom too. */
static int is_usual(const walk *file, const element *found, size_t known_at, uint32_t flags, int wanted)
{
    if (flags & REFUSED || ((flags & CHECKED) && found->length != 2))
        return 0;
    if (file->implicit)
        return 1;
    const int known = known_at < file->asked->count && file->asked->tags[known_at] == found->tag;
    const int relied_on = wanted || (flags & (SEQUENCE | CHECKED)) || found->vr == VR('P', 'N');
    return is_harmless(found) && (!known || !relied_on || found->vr == file->asked->vrs[known_at]);
}

/* Whether the element is walked into: 1 or 0, or why that cannot be told. */
static int is_sequence(const walk *file, const element *found, uint32_t flags, size_t end)
{
    if (found->vr == VR('S', 'Q') || (file->implicit && (flags & SEQUENCE)))
        return 1;
    if (found->length != UNDEFINED || !file->implicit || !is_private(found->tag))
        return 0;
    if (end - found->value < 4)
        return end == file->size ? MORE : UNUSUAL;
    return tag_of(file->data + found->value) == ITEM; /* a private one that consists of items */
}

static int walk_items(walk *file, const element *sequence, size_t end, int depth, uint32_t coded, size_t *after);

/* The elements from `*at` to `end`, or to an item's end where that is `delimited`, or at the top (`depth` 0) to the pixels.
   `*at` comes to stand behind them. `coded` is the sequence whose code meaning is asked for, or 0. */
static int walk_elements(walk *file, size_t *at, size_t end, int depth, int delimited, uint32_t coded)
{
    uint32_t last = 0;
    for (int first = 1; delimited || depth == 0 || *at < end; first = 0) {
        element found;
        int failed = read_head(file, *at, end, file->implicit, &found);
        if (failed)
            return failed;
        if (found.tag == ITEM_END && delimited) {
            *at = found.value;
            return found.length == 0 ? 0 : UNUSUAL;
        }
        if (found.tag >> 16 == 0xFFFE || (!first && found.tag <= last))
            return UNUSUAL;
        last = found.tag;
        if (depth == 0 && found.tag > LAST_BEFORE_PIXELS) {
            *at = found.value;
            return first || (found.tag != 0x7FE00008 && found.tag != 0x7FE00009 && found.tag != 0x7FE00010)
                       ? UNUSUAL
                       : 0;
        }
        const size_t index = find(file->asked, found.tag);
        const int known = index < file->asked->count && file->asked->tags[index] == found.tag;
        const uint32_t flags = known ? file->asked->flags[index] : 0;
        const int wanted = (flags & ANYWHERE) || ((flags & AT_TOP) && depth == 0);
        if (!is_usual(file, &found, index, flags, wanted))
            return UNUSUAL;
        const int sequence = is_sequence(file, &found, flags, end);
        if (sequence < 0)
            return sequence;
        if (sequence) {
            const uint32_t of = depth == 0 && (flags & CODED) ? found.tag : 0;
            failed = walk_items(file, &found, end, depth + 1, of, at);
        } else {
            failed = check_value(file, &found, end);
            *at = found.value + found.length;
            if (!failed && (wanted || found.vr == VR('P', 'N')))
                failed = put(file, &found, depth > 0);
            else if (!failed && coded && found.tag == CODE_MEANING)
                failed = file->implicit || found.vr == VR('L', 'O') ? put(file, &found, coded) : UNUSUAL;
        }
        if (failed)
            return failed;
    }
    return 0;
}

static int walk_items(walk *file, const element *sequence, size_t end, int depth, uint32_t coded, size_t *after)
{
    const int delimited = sequence->length == UNDEFINED;
    size_t at = sequence->value;
    if (depth > DEEPEST)
        return UNUSUAL;
    if (!delimited) {
        const int failed = check_value(file, sequence, end);
        if (failed)
            return failed;
        end = at + sequence->length;
    }
    for (int first = 1; delimited || at < end; first = 0) {
        element item;
        int failed = read_head(file, at, end, 1, &item);
        if (failed)
            return failed;
        at = item.value;
        if (item.tag == SEQUENCE_END && delimited) {
            *after = at;
            return item.length == 0 ? 0 : UNUSUAL;
        }
        if (item.tag != ITEM)
            return UNUSUAL;
        const int open = item.length == UNDEFINED;
        if (!open && (failed = check_value(file, &item, end)))
            return failed;
        failed = walk_elements(file, &at, open ? end : at + item.length, depth, open, first ? coded : 0);
        if (failed)
            return failed;
    }
    *after = at;
    return 0;
}

/* Elements of group 2, which begin with its length; `*at` comes to stand behind them. */
static int walk_meta(walk *file, size_t *at, element *syntax)
{
    uint32_t last = 0;
    for (int first = 1;; first = 0) {
        element found;
        if (file->size - *at < 8)
            return MORE;
        if (tag_of(file->data + *at) >> 16 != 2)
            return first || syntax->length == 0 ? UNUSUAL : 0;
        int failed = read_head(file, *at, file->size, 0, &found);
        if (failed)
            return failed;
        if (first ? found.tag != 0x00020000 || found.vr != VR('U', 'L') || found.length != 4 : found.tag <= last)
            return UNUSUAL;
        failed = check_value(file, &found, file->size);
        if (failed)
            return failed;
        if (found.tag == SYNTAX || found.tag == 0x00020002) {
            if (found.vr != VR('U', 'I') || (failed = put(file, &found, 0)))
                return UNUSUAL;
            if (found.tag == SYNTAX)
                *syntax = found;
        }
        last = found.tag;
        *at = found.value + found.length;
    }
}

/* 1 for Implicit VR Little Endian, 0 for Explicit VR Little Endian, and UNUSUAL. */
static int is_implicit(const uint8_t *uid, size_t length)
{
    static const char implicit[] = "1.2.840.10008.1.2", big[] = "1.2.840.10008.1.2.2";
    static const char deflated[] = "1.2.840.10008.1.2.1.99";
    while (length && (uid[length - 1] == 0 || uid[length - 1] == ' '))
        length--;
    for (size_t i = 0; i < length; i++)
        if (uid[i] != '.' && (uid[i] < '0' || uid[i] > '9'))
            return UNUSUAL;
    if (length == 0 || (length == sizeof big - 1 && memcmp(uid, big, length) == 0)
        || (length == sizeof deflated - 1 && memcmp(uid, deflated, length) == 0))
        return UNUSUAL;
    return length == sizeof implicit - 1 && memcmp(uid, implicit, length) == 0;
}

/* Writes a row of four numbers for each element that is asked for, from the first `size` bytes of a file (less than
   4 GiB), and returns how many; or UNUSUAL, or MORE where the file has to be known further. */
int32_t radrelease_header(const uint8_t *data, size_t size, const uint32_t *tags, const uint32_t *vrs,
                          const uint32_t *flags, size_t count, uint32_t *out, size_t room)
{
    const table asked = {tags, vrs, flags, count};
    walk file = {data, size, &asked, out, 0, room, 0};
    element syntax = {0, 0, 0, 0}, first;
    size_t at = 132;
    if (size > UINT32_MAX / 2)
        return UNUSUAL;
    if (size < at + 12)
        return MORE;
    if (memcmp(data + 128, "DICM", 4) != 0)
        return UNUSUAL;
    int failed = walk_meta(&file, &at, &syntax);
    if (failed)
        return failed;
    file.implicit = is_implicit(data + syntax.value, syntax.length);
    if (file.implicit < 0)
        return UNUSUAL;
    if (size - at < 12)
        return MORE;
    failed = read_head(&file, at, size, file.implicit, &first);
    if (failed)
        return failed;
    const uint8_t *vr = data + at + 4; /* two capital letters would be taken for a VR, whatever the syntax says */
    if (first.tag >> 16 == 0 || (file.implicit && vr[0] > 0x40 && vr[0] < 0x5B && vr[1] > 0x40 && vr[1] < 0x5B))
        return UNUSUAL;
    failed = walk_elements(&file, &at, size, 0, 0, 0);
    return failed ? failed : (int32_t)file.rows;
}
