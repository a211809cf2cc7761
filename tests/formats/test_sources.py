"""Tensors from tables, .npy files and pictures: what is in them, and sentences for what is not."""

import re
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from gradviz.errors import FormatError, GradvizError, LimitError
from gradviz.formats import SOURCE_ENDINGS, read_source
from gradviz.formats.sources import read_table
from gradviz.graph import Limits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,2\n3,4\n", [[1, 2], [3, 4]]),
        ("x,y\n1,2\n3,4", [[1, 2], [3, 4]]),
        ("\ufeffx;y\r\n1,5;2\r\n-3e2;.25\r\n", [[1.5, 2], [-300, 0.25]]),
        ("1\t2\n\n3\t4\n\n", [[1, 2], [3, 4]]),
        ("  1   2 \n 3 4", [[1, 2], [3, 4]]),
        ('"1","2"\n', [[1, 2]]),
        ("nan,inf\n-inf,0\n", [[np.nan, np.inf], [-np.inf, 0]]),
        ("7", [[7]]),
    ],
)
def test_a_table_is_read_however_it_is_cut(text, expected):
    found = read_table(text)
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, np.array(expected, float))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there are no numbers in it"),
        ("a,b\nc,d\n", 'line 2, column 1: "c" is no number'),
        ("only,words\n", "there are no numbers in it"),
        ("1,2\n3,\n", "line 2, column 2: there is no number: fill the hole, or write nan"),
        ("1,2\n3,four\n", 'line 2, column 2: "four" is no number'),
        ("1,2\n3\n", "line 2 has 1 columns, and the lines before it have 2"),
        ("1,2\n3,__import__('os')\n", "line 2, column 2: \"__import__('os')\" is no number"),
        ("1,2\n3,1_000\n", 'line 2, column 2: "1_000" is no number'),
    ],
)
def test_a_hole_a_word_and_a_short_row_are_told_with_their_place(text, sentence):
    with pytest.raises(FormatError, match=f"^{re.escape(sentence)}$"):
        read_table(text)


def test_a_table_that_is_too_large_is_refused():
    with pytest.raises(LimitError, match="more than 3 numbers"):
        read_table("1,2\n3,4\n", Limits(elements=3))


@pytest.mark.parametrize("dtype", ["float32", "int64", "bool", "uint8"])
def test_a_npy_file_keeps_shape_dtype_and_every_bit(tmp_path, dtype):
    array = np.arange(6).reshape(2, 3).astype(dtype)
    np.save(tmp_path / "a.npy", array)
    found = read_source(tmp_path / "a.npy").array
    assert found.dtype == array.dtype
    np.testing.assert_array_equal(found, array)
    np.save(tmp_path / "columns.npy", np.asfortranarray(array))
    np.testing.assert_array_equal(read_source(tmp_path / "columns.npy").array, array)


@pytest.mark.parametrize("value", [np.array([{}], object), np.array(["a"]), np.array([1j])])
def test_what_is_no_tensor_is_refused_and_never_unpickled(tmp_path, value):
    np.save(tmp_path / "a.npy", value, allow_pickle=True)
    with pytest.raises(FormatError, match=r"a\.npy: it holds no tensor of a dtype that gradviz knows"):
        read_source(tmp_path / "a.npy")


def test_a_npy_file_that_is_cut_off_or_claims_too_much_is_refused(tmp_path):
    path = tmp_path / "a.npy"
    np.save(path, np.zeros(10))
    path.write_bytes(path.read_bytes()[:-8])
    with pytest.raises(FormatError, match="holds 72 bytes of data instead of 80"):
        read_source(path)
    with pytest.raises(LimitError, match="more than 9 numbers"):
        read_source(path, Limits(elements=9))
    path.write_bytes(b"no array")
    with pytest.raises(FormatError, match=r"not the body of a \.npy file"):
        read_source(path)


@pytest.mark.parametrize(
    ("mode", "shape"), [("L", (2, 3)), ("1", (2, 3)), ("RGB", (3, 2, 3)), ("RGBA", (3, 2, 3)), ("P", (3, 2, 3))]
)
def test_a_picture_becomes_numbers_from_0_to_1(tmp_path, mode, shape):
    picture = Image.new("RGB", (3, 2), (255, 0, 0)).convert(mode)
    picture.save(tmp_path / "a.png")
    found = read_source(tmp_path / "a.png").array
    assert found.shape == shape
    assert found.dtype == np.float32
    assert 0 <= found.min() <= found.max() <= 1


def test_colours_stand_in_front_as_convolution_wants_them(tmp_path):
    Image.new("RGB", (3, 2), (255, 0, 51)).save(tmp_path / "a.png")
    np.testing.assert_allclose(read_source(tmp_path / "a.png").array[:, 0, 0], [1, 0, 0.2])


@pytest.mark.parametrize("side", [10_000, 15_000, 40_000])
def test_a_picture_of_absurd_size_is_refused_before_it_is_unpacked(tmp_path, side):
    head = b"IHDR" + struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rest = struct.pack(">I", zlib.crc32(head)) + struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    (tmp_path / "huge.png").write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + rest)
    with pytest.raises(LimitError, match=r"huge\.png: this picture"):
        read_source(tmp_path / "huge.png")


@pytest.mark.parametrize("ending", SOURCE_ENDINGS)
def test_rubbish_is_told_in_a_sentence(tmp_path, ending):
    path = tmp_path / f"rubbish{ending}"
    path.write_bytes(bytes(range(128, 256)) * 3)
    with pytest.raises(GradvizError, match=r"^rubbish"):
        read_source(path)
    path.write_bytes(b"")
    with pytest.raises(GradvizError, match=r"^rubbish"):
        read_source(path)


def test_a_file_of_another_kind_and_a_missing_one_are_told(tmp_path):
    with pytest.raises(FormatError, match=r"a\.docx: gradviz reads tensors from \.csv"):
        read_source(tmp_path / "a.docx")
    with pytest.raises(FormatError, match="there is no such file"):
        read_source(tmp_path / "a.csv")
