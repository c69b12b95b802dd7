"""The one style sheet, written from the tokens.

Item views are painted by their delegates; the sheet gives them a frame and a header only.
"""

from __future__ import annotations

from adwarden.ui.assets import resource_dir
from adwarden.ui.tokens import CONTROL, RADIUS, Palette


def stylesheet(p: Palette, body: int) -> str:
    """Return the style sheet for one appearance; ``body`` is the size of body text in pixels."""
    icons = resource_dir("icons").as_posix()
    caption, title, display = body - 2, body + 3, body + 13
    inner = CONTROL - 2
    arrow = f"{icons}/chevron-{p.name}.svg"
    return f"""
QWidget {{ color: {p.text}; }}
QMainWindow, QDialog {{ background: {p.window}; }}
QMainWindow::separator {{ background: {p.line}; width: 1px; height: 1px; }}
*[pane="true"] {{ background: {p.pane}; }}
*[side="true"] {{ background: {p.window}; }}

QLabel {{ background: transparent; }}
QLabel[role="display"] {{ font-size: {display}px; font-weight: 700; }}
QLabel[role="title"] {{ font-size: {title}px; font-weight: 600; }}
QLabel[role="strong"] {{ font-weight: 600; }}
QLabel[role="heading"] {{ font-size: {caption}px; font-weight: 600; color: {p.dim}; }}
QLabel[role="caption"] {{ font-size: {caption}px; color: {p.dim}; }}
QLabel[role="dim"] {{ color: {p.dim}; }}
QLabel[role="error"] {{ color: {p.bad}; }}
QLabel[role="ok"] {{ color: {p.ok}; }}
QLabel[role="warn"] {{ color: {p.warn}; }}
QLabel[role="link"] {{ color: {p.accent}; }}
QLabel:disabled {{ color: {p.disabled}; }}

QFrame[card="true"] {{
    background: {p.window}; border: 1px solid {p.line}; border-radius: {RADIUS + 2}px;
}}
QFrame[banner="bad"] {{ background: {p.bad_tint}; border: 1px solid {p.bad_line}; }}
QFrame[banner="warn"] {{ background: {p.warn_tint}; border: 1px solid {p.warn_line}; }}
QFrame[banner="ok"] {{ background: {p.ok_tint}; border: 1px solid {p.ok_line}; }}
QFrame[banner="info"] {{ background: {p.info_tint}; border: 1px solid {p.info_line}; }}
QFrame[banner] {{ border-radius: {RADIUS}px; }}
QFrame[separator="true"] {{ background: {p.line}; border: none; max-height: 1px; }}

QPushButton, QToolButton {{
    background: {p.pane}; border: 1px solid {p.line}; border-radius: {RADIUS}px;
    min-height: {inner}px; padding: 0 12px;
}}
QToolButton {{ padding: 0 7px; }}
QPushButton:hover, QToolButton:hover {{ background: {p.hover}; border-color: {p.line_strong}; }}
QPushButton:pressed, QToolButton:pressed, QPushButton:checked, QToolButton:checked {{
    background: {p.pressed};
}}
QPushButton:disabled, QToolButton:disabled {{ color: {p.disabled}; }}
QPushButton[flat="true"], QToolButton[flat="true"] {{
    background: transparent; border-color: transparent;
}}
QPushButton[flat="true"]:hover, QToolButton[flat="true"]:hover {{ background: {p.hover}; }}
QPushButton[flat="true"]:pressed, QToolButton[flat="true"]:pressed {{ background: {p.pressed}; }}
QToolButton[flat="true"]:checked {{
    background: {p.selection}; border-color: {p.line_strong}; color: {p.accent};
}}
QToolButton[flat="true"]:checked:focus {{ border-color: {p.focus}; }}
QToolButton[news="true"] {{ color: {p.accent}; font-weight: 600; }}
QPushButton[primary="true"] {{
    background: {p.accent_fill}; border-color: {p.accent_fill}; color: {p.on_accent};
}}
QPushButton[primary="true"]:hover {{
    background: {p.accent_hover}; border-color: {p.accent_hover};
}}
QPushButton[primary="true"]:pressed {{ background: {p.accent_pressed}; }}
QPushButton[primary="true"]:disabled {{
    background: {p.line}; border-color: {p.line}; color: {p.disabled};
}}
QPushButton[danger="true"] {{ color: {p.bad}; }}
QPushButton[danger="true"]:disabled {{ color: {p.disabled}; }}
QPushButton:focus, QToolButton:focus {{
    border: 2px solid {p.focus}; padding: 0 11px; min-height: {inner - 2}px;
}}
QToolButton:focus {{ padding: 0 6px; }}
QPushButton[primary="true"]:focus {{ border-color: {p.focus_on_accent}; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton::menu-indicator {{
    image: url("{arrow}"); width: 12px; height: 12px; subcontrol-position: right center; right: 8px;
}}

QLineEdit, QPlainTextEdit, QTextEdit, QSpinBox, QComboBox {{
    background: {p.pane}; border: 1px solid {p.line_strong}; border-radius: {RADIUS}px;
    selection-background-color: {p.accent_fill}; selection-color: {p.on_accent};
}}
QLineEdit, QPlainTextEdit {{ placeholder-text-color: {p.dim}; }}
QLineEdit, QSpinBox, QComboBox {{ min-height: {inner}px; padding: 0 8px; }}
QPlainTextEdit, QTextEdit {{ padding: 4px; }}
QLineEdit:hover, QComboBox:hover, QSpinBox:hover {{ border-color: {p.dim}; }}
QLineEdit:focus, QSpinBox:focus, QComboBox:focus {{
    border: 2px solid {p.focus}; padding: 0 7px; min-height: {inner - 2}px;
}}
QPlainTextEdit:focus, QTextEdit:focus {{ border: 2px solid {p.focus}; padding: 3px; }}
QLineEdit:disabled, QComboBox:disabled, QSpinBox:disabled, QPlainTextEdit:disabled {{
    background: {p.window}; color: {p.disabled}; border-color: {p.line};
}}
QLineEdit[state="bad"] {{ border-color: {p.bad}; }}
QLineEdit[state="ok"] {{ border-color: {p.ok}; }}
QComboBox::drop-down {{ border: none; width: 24px; }}
QComboBox::down-arrow {{ image: url("{arrow}"); width: 14px; height: 14px; }}
QComboBox QAbstractItemView {{
    background: {p.pane}; border: 1px solid {p.line_strong}; padding: 4px; outline: none;
    selection-background-color: {p.selection}; selection-color: {p.text};
}}
QComboBox QAbstractItemView::item {{ min-height: {CONTROL - 4}px; padding: 0 4px; }}

QCheckBox, QRadioButton {{ spacing: 8px; padding: 2px; border: 1px solid transparent; }}
QCheckBox:focus, QRadioButton:focus {{ border-color: {p.focus}; border-radius: 4px; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {p.disabled}; }}
QCheckBox::indicator, QRadioButton::indicator {{
    width: 14px; height: 14px; border: 1px solid {p.dim}; border-radius: 4px; background: {p.pane};
}}
QRadioButton::indicator {{ border-radius: 8px; }}
QCheckBox::indicator:checked {{
    background: {p.accent_fill}; border-color: {p.accent_fill}; image: url("{icons}/checked.svg");
}}
QRadioButton::indicator:checked {{
    border: 4px solid {p.accent_fill}; width: 8px; height: 8px; background: {p.on_accent};
}}
QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {p.line_strong}; }}

QAbstractItemView {{
    background: {p.pane}; border: none; selection-background-color: {p.selection};
    selection-color: {p.text};
}}
QTreeWidget {{ border: 1px solid {p.line_strong}; border-radius: {RADIUS}px; outline: none; }}
QTreeWidget:focus {{ border-color: {p.focus}; }}
QTreeWidget::item {{ min-height: 26px; padding: 0 2px; border: none; }}
QTreeWidget::item:selected {{ background: {p.selection}; color: {p.text}; }}
QTreeWidget::item:hover:!selected {{ background: {p.hover}; }}
QTreeWidget::item:disabled {{ color: {p.disabled}; }}
QTreeWidget::indicator {{
    width: 14px; height: 14px; border: 1px solid {p.dim}; border-radius: 4px; background: {p.pane};
}}
QTreeWidget::indicator:checked {{
    background: {p.accent_fill}; border-color: {p.accent_fill}; image: url("{icons}/checked.svg");
}}
QTreeWidget::indicator:disabled {{ border-color: {p.line_strong}; }}
QListView[side="true"], QTreeView[side="true"] {{ background: {p.window}; }}
QHeaderView {{ background: {p.pane}; border: none; }}
QHeaderView::section {{
    background: {p.pane}; color: {p.dim}; border: none; border-bottom: 1px solid {p.line};
    font-size: {caption}px; font-weight: 600; padding: 0 12px; min-height: {CONTROL - 2}px;
}}

QMenu {{
    background: {p.pane}; border: 1px solid {p.line_strong}; padding: 4px;
}}
QMenu::item {{ padding: 6px 24px 6px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {p.selection}; color: {p.text}; }}
QMenu::item:disabled {{ color: {p.disabled}; }}
QMenu::icon {{ padding-left: 8px; }}
QMenu::separator {{ height: 1px; background: {p.line}; margin: 4px 8px; }}
QMenuBar {{ background: {p.pane}; }}
QMenuBar::item {{ padding: 4px 8px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {p.hover}; }}

QToolTip {{
    background: {p.pane}; color: {p.text}; border: 1px solid {p.line_strong}; padding: 5px 7px;
}}
QToolBar {{
    background: {p.pane}; border: none; border-bottom: 1px solid {p.line};
    padding: 9px 12px; spacing: 8px;
}}
QStatusBar {{ background: {p.pane}; border-top: 1px solid {p.line}; color: {p.dim}; }}
QStatusBar::item {{ border: none; }}
QStatusBar QLabel {{ color: {p.dim}; font-size: {caption + 1}px; }}
QSplitter::handle {{ background: {p.line}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QSplitter::handle:hover {{ background: {p.accent}; }}

QProgressBar {{
    background: {p.line}; border: none; border-radius: 2px; max-height: 4px; min-height: 4px;
}}
QProgressBar::chunk {{ background: {p.accent}; border-radius: 2px; }}
QTabBar::tab {{
    background: transparent; color: {p.dim}; padding: 8px 12px;
    border-bottom: 2px solid transparent;
}}
QTabBar::tab:selected {{ color: {p.text}; border-bottom-color: {p.accent}; }}
QTabBar::tab:focus {{ color: {p.accent}; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {p.line}; }}
QGroupBox {{
    border: 1px solid {p.line}; border-radius: {RADIUS}px; margin-top: 20px; padding: 8px;
}}
QGroupBox::title {{ subcontrol-origin: margin; left: 0; color: {p.dim}; font-weight: 600; }}
QScrollArea {{ background: transparent; border: none; }}
QScrollArea > QWidget > QWidget[transparent="true"] {{ background: transparent; }}

QScrollBar {{ background: transparent; border: none; margin: 0; }}
QScrollBar:vertical {{ width: 12px; }}
QScrollBar:horizontal {{ height: 12px; }}
QScrollBar::handle {{ background: {p.line_strong}; border-radius: 3px; margin: 3px; }}
QScrollBar::handle:hover {{ background: {p.dim}; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
"""
