"""A folder of labelled faces in; tables, figures and a cross-validated classifier out."""
