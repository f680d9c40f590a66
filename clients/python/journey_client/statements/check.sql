-- Looks whether the file is whole.
PRAGMA quick_check(1);
