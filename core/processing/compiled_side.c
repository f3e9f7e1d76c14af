/* One side of an order book, and the checksum, as book_side.BookSide keeps them in Python; see there for the rules.
 *
 * Optional: the set-up builds it where there is a compiler, and everything works the same without it. Tests drive both
 * side by side (tests/property/processing/test_compiled_side.py).
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <structmember.h>

#define TOP 10
#define TEXT_ROOM 40 /* two numbers below 10**16 */
#define FLOAT_LIMIT 1e15

typedef struct {
    uint8_t length;
    char bytes[TEXT_ROOM];
} Text;

typedef struct {
    PyObject_HEAD
    double *keys, *qtys; /* ascending to the best level; asks under negated prices */
    Py_ssize_t count, room, depth;
    double price_scale, qty_scale, max_price, max_qty, touch;
    int negated;
    Text top[TOP + 1]; /* best first */
    int top_count;
    unsigned long long version;
    PyObject *text, *misfit, *too_wide;
} Side;

static PyObject *name_price, *name_qty, *no_bytes;

/* Checksum: eight bytes a step. */

static uint32_t table[8][256];

static void fill_table(void) {
    for (uint32_t n = 0; n < 256; n++) {
        uint32_t crc = n;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (crc & 1 ? 0xEDB88320u : 0);
        table[0][n] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (int n = 0; n < 256; n++) table[k][n] = (table[k - 1][n] >> 8) ^ table[0][table[k - 1][n] & 0xFF];
}

static uint32_t crc_of(const uint8_t *at, Py_ssize_t length, uint32_t start) {
    uint32_t crc = ~start;
    for (; length >= 8; at += 8, length -= 8) {
        uint32_t low = crc ^ (at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24);
        crc = table[7][low & 0xFF] ^ table[6][low >> 8 & 0xFF] ^ table[5][low >> 16 & 0xFF] ^ table[4][low >> 24] ^
              table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
    }
    while (length-- > 0) crc = (crc >> 8) ^ table[0][(crc ^ *at++) & 0xFF];
    return ~crc;
}

static PyObject *book_crc32(PyObject *module, PyObject *const *args, Py_ssize_t given) {
    unsigned long start = 0;
    if (given < 1 || given > 2 || !PyBytes_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "crc32(bytes, start=0)");
        return NULL;
    }
    if (given == 2) {
        start = PyLong_AsUnsignedLongMask(args[1]);
        if (start == (unsigned long)-1 && PyErr_Occurred()) return NULL;
    }
    const uint8_t *bytes = (const uint8_t *)PyBytes_AS_STRING(args[0]);
    return PyLong_FromUnsignedLong(crc_of(bytes, PyBytes_GET_SIZE(args[0]), (uint32_t)start));
}

/* Texts of the best ten. */

static int put_number(char *to, uint64_t number) {
    char digits[20];
    int length = 0;
    do digits[length++] = (char)('0' + number % 10);
    while (number /= 10);
    for (int n = 0; n < length; n++) to[n] = digits[length - 1 - n];
    return length;
}

static void put_text(const Side *side, Text *text, Py_ssize_t at) {
    double price = side->negated ? -side->keys[at] : side->keys[at];
    int length = put_number(text->bytes, (uint64_t)floor(price * side->price_scale + 0.5));
    length += put_number(text->bytes + length, (uint64_t)floor(side->qtys[at] * side->qty_scale + 0.5));
    text->length = (uint8_t)length;
}

static int join_top(Side *side) {
    char joined[TOP * TEXT_ROOM];
    Py_ssize_t length = 0;
    for (; side->top_count < TOP && side->top_count < side->count; side->top_count++)
        put_text(side, &side->top[side->top_count], side->count - 1 - side->top_count);
    for (int n = 0; n < side->top_count; n++) {
        memcpy(joined + length, side->top[n].bytes, side->top[n].length);
        length += side->top[n].length;
    }
    PyObject *text = PyBytes_FromStringAndSize(joined, length);
    if (text == NULL) return -1;
    Py_SETREF(side->text, text);
    return 0;
}

/* Levels. */

static Py_ssize_t place_of(const Side *side, double key) {
    Py_ssize_t low = 0, high = side->count;
    while (low < high) {
        Py_ssize_t middle = (low + high) / 2;
        if (side->keys[middle] < key) low = middle + 1;
        else high = middle;
    }
    return low;
}

static int make_room(Side *side) {
    if (side->count < side->room) return 0;
    Py_ssize_t room = side->room ? 2 * side->room : 32;
    double *keys = PyMem_Realloc(side->keys, (size_t)room * sizeof(double));
    if (keys != NULL) side->keys = keys;
    double *qtys = keys == NULL ? NULL : PyMem_Realloc(side->qtys, (size_t)room * sizeof(double));
    if (qtys == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    side->qtys = qtys;
    side->room = room;
    return 0;
}

static void shift(double *values, Py_ssize_t from, Py_ssize_t to, Py_ssize_t end) {
    memmove(values + to, values + from, (size_t)(end - from) * sizeof(double));
}

static int misfit(Side *side, double value, const char *reason) {
    if (value > 0) PyErr_SetObject(side->misfit, side->too_wide);
    else {
        PyObject *told = PyUnicode_FromString(reason);
        if (told != NULL) PyErr_SetObject(side->misfit, told);
        Py_XDECREF(told);
    }
    return -1;
}

/* The three below return whether the best ten changed, or -1 with an exception set. */

static int change_level(Side *side, Py_ssize_t at, double qty) {
    Py_ssize_t rank = side->count - 1 - at;
    side->qtys[at] = qty;
    if (rank >= side->top_count) return 0;
    put_text(side, &side->top[rank], at);
    return 1;
}

static int remove_level(Side *side, Py_ssize_t at) {
    Py_ssize_t rank = side->count - 1 - at;
    shift(side->keys, at + 1, at, side->count);
    shift(side->qtys, at + 1, at, side->count);
    side->count--;
    if (rank >= side->top_count) return 0;
    side->top_count--;
    memmove(side->top + rank, side->top + rank + 1, (size_t)(side->top_count - rank) * sizeof(Text));
    return 1;
}

static int add_level(Side *side, Py_ssize_t at, double price, double qty) {
    Py_ssize_t rank = side->count - at;
    if (!(price > 0 && price <= side->max_price)) return misfit(side, price, "a price is not above zero");
    if (make_room(side) < 0) return -1;
    shift(side->keys, at, at + 1, side->count);
    shift(side->qtys, at, at + 1, side->count);
    side->keys[at] = side->negated ? -price : price;
    side->qtys[at] = qty;
    side->count++;
    if (rank > side->top_count || rank >= TOP) return 0;
    memmove(side->top + rank + 1, side->top + rank, (size_t)(side->top_count - rank) * sizeof(Text));
    put_text(side, &side->top[rank], at);
    if (side->top_count < TOP) side->top_count++;
    return 1;
}

static int apply_level(Side *side, double price, double qty) {
    double key = side->negated ? -price : price;
    Py_ssize_t at = place_of(side, key);
    int known = at < side->count && side->keys[at] == key;
    if (qty > 0 && qty <= side->max_qty) return known ? change_level(side, at, qty) : add_level(side, at, price, qty);
    if (qty == 0) return known ? remove_level(side, at) : 0;
    return misfit(side, qty, "a quantity is negative");
}

static int number_of(PyObject *level, PyObject *name, double *number) {
    PyObject *value = PyObject_GetAttr(level, name);
    if (value == NULL) return -1;
    int is_number = PyFloat_Check(value) || PyLong_Check(value);
    *number = is_number ? PyFloat_AsDouble(value) : 0;
    if (!is_number) PyErr_SetString(PyExc_TypeError, "a level that is neither float nor int");
    Py_DECREF(value);
    return PyErr_Occurred() ? -1 : 0;
}

static PyObject *side_apply(Side *side, PyObject *levels) {
    int changed = 0;
    if (!PyList_Check(levels)) {
        PyErr_SetString(PyExc_TypeError, "levels come in a list");
        return NULL;
    }
    for (Py_ssize_t n = 0; n < PyList_GET_SIZE(levels); n++) {
        double price, qty;
        PyObject *level = Py_NewRef(PyList_GET_ITEM(levels, n));
        int read = number_of(level, name_qty, &qty) < 0 ? -1 : number_of(level, name_price, &price);
        Py_DECREF(level);
        int touched = read < 0 ? -1 : apply_level(side, price, qty);
        if (touched < 0) return NULL;
        changed |= touched;
    }
    side->version++;
    if (side->count > side->depth) {
        Py_ssize_t over = side->count - side->depth;
        shift(side->keys, over, 0, side->count);
        shift(side->qtys, over, 0, side->count);
        side->count = side->depth;
    }
    side->touch = side->count ? side->keys[side->count - 1] : -INFINITY;
    if (changed && join_top(side) < 0) return NULL;
    return PyBool_FromLong(changed);
}

static PyObject *side_clear(Side *side, PyObject *nothing) {
    side->count = side->top_count = 0;
    side->touch = -INFINITY;
    side->version++;
    Py_SETREF(side->text, Py_NewRef(no_bytes));
    Py_RETURN_NONE;
}

static PyObject *best_first(const Side *side, const double *values, Py_ssize_t count) {
    PyObject *list = PyList_New(count);
    for (Py_ssize_t n = 0; list != NULL && n < count; n++) {
        PyObject *value = PyFloat_FromDouble(values[side->count - 1 - n]);
        if (value == NULL) Py_CLEAR(list);
        else PyList_SET_ITEM(list, n, value);
    }
    return list;
}

static PyObject *side_best(Side *side, PyObject *wanted) {
    Py_ssize_t count = PyLong_AsSsize_t(wanted);
    if (count == -1 && PyErr_Occurred()) return NULL;
    count = count < 0 ? 0 : count > side->count ? side->count : count;
    PyObject *keys = best_first(side, side->keys, count);
    PyObject *qtys = keys == NULL ? NULL : best_first(side, side->qtys, count);
    PyObject *both = qtys == NULL ? NULL : PyTuple_Pack(2, keys, qtys);
    Py_XDECREF(keys);
    Py_XDECREF(qtys);
    return both;
}

static PyObject *side_new(PyTypeObject *type, PyObject *args, PyObject *named) {
    Side *side = (Side *)type->tp_alloc(type, 0);
    if (side == NULL) return NULL;
    if (!PyArg_ParseTuple(args, "ddnpOO", &side->price_scale, &side->qty_scale, &side->depth, &side->negated,
                          &side->misfit, &side->too_wide)) {
        side->misfit = side->too_wide = NULL;
        Py_DECREF(side);
        return NULL;
    }
    Py_INCREF(side->misfit);
    Py_INCREF(side->too_wide);
    side->text = Py_NewRef(no_bytes);
    side->touch = -INFINITY;
    side->max_price = FLOAT_LIMIT / side->price_scale;
    side->max_qty = FLOAT_LIMIT / side->qty_scale;
    return (PyObject *)side;
}

static void side_dealloc(Side *side) {
    PyTypeObject *type = Py_TYPE(side);
    PyMem_Free(side->keys);
    PyMem_Free(side->qtys);
    Py_XDECREF(side->text);
    Py_XDECREF(side->misfit);
    Py_XDECREF(side->too_wide);
    type->tp_free(side);
    Py_DECREF(type);
}

static PyMethodDef side_methods[] = {
    {"apply", (PyCFunction)side_apply, METH_O, "Apply levels in order and cut to depth."},
    {"best", (PyCFunction)side_best, METH_O, "Return keys and quantities of at most so many levels, best first."},
    {"clear", (PyCFunction)side_clear, METH_NOARGS, "Forget all levels."},
    {NULL},
};

static PyMemberDef side_members[] = {
    {"count", T_PYSSIZET, offsetof(Side, count), READONLY, "Levels held."},
    {"touch", T_DOUBLE, offsetof(Side, touch), READONLY, "Key of the best level."},
    {"version", T_ULONGLONG, offsetof(Side, version), READONLY, "Rises when a level may have changed."},
    {"text", T_OBJECT_EX, offsetof(Side, text), READONLY, "What the checksum reads of the best ten."},
    {NULL},
};

static PyType_Slot side_slots[] = {
    {Py_tp_new, side_new},         {Py_tp_dealloc, side_dealloc}, {Py_tp_methods, side_methods},
    {Py_tp_members, side_members}, {0, NULL},
};

static PyType_Spec side_spec = {
    "compiled_side.Side", sizeof(Side), 0, Py_TPFLAGS_DEFAULT, side_slots,
};

static PyMethodDef functions[] = {
    {"crc32", (PyCFunction)(void (*)(void))book_crc32, METH_FASTCALL, "zlib.crc32, quicker on a few hundred bytes."},
    {NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "compiled_side", NULL, -1, functions};

PyMODINIT_FUNC PyInit_compiled_side(void) {
    fill_table();
    name_price = PyUnicode_InternFromString("price");
    name_qty = PyUnicode_InternFromString("qty");
    no_bytes = PyBytes_FromStringAndSize("", 0);
    PyObject *module = PyModule_Create(&definition);
    PyObject *type = PyType_FromSpec(&side_spec);
    if (name_price == NULL || name_qty == NULL || no_bytes == NULL || module == NULL || type == NULL ||
        PyModule_AddObjectRef(module, "Side", type) < 0) {
        Py_XDECREF(type);
        Py_XDECREF(module);
        return NULL;
    }
    Py_DECREF(type);
    return module;
}
